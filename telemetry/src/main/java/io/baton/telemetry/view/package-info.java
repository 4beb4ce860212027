/**
 * Traces for people: as a tree in text or JSON, and as a file for Perfetto. Clocks of other
 * processes are corrected here, by what was measured, and the correction is shown.
 *
 * <p>Starting points: {@link io.baton.telemetry.view.TraceTree}, {@link
 * io.baton.telemetry.view.Perfetto}.
 *
 * <p>Must stay true: nothing is dropped silently; orphans are shown as what they are.
 */
@NullMarked
package io.baton.telemetry.view;

import org.jspecify.annotations.NullMarked;
