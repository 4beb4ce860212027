/**
 * Whether a trace is whole, and where its time went.
 *
 * <p>Starting points: {@link io.baton.telemetry.audit.TraceAudit}, {@link
 * io.baton.telemetry.audit.CriticalPath}.
 *
 * <p>Must stay true: what is missing or unexplained is said, never filled in.
 */
@NullMarked
package io.baton.telemetry.audit;

import org.jspecify.annotations.NullMarked;
