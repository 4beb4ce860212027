/**
 * The three-level model for engine authors: a request, the threads that touch it, and slices of
 * time in each thread. Knows nothing of OpenTelemetry; finished requests go to a {@link
 * io.baton.telemetry.slices.SliceExporter}.
 *
 * <p>Starting points: {@link io.baton.telemetry.slices.RequestTrace}, {@link
 * io.baton.telemetry.slices.Stage}.
 *
 * <p>Must stay true: engine threads only note timestamps; no span is half open; with tracing off
 * nothing is done and nothing allocated.
 */
@NullMarked
package io.baton.telemetry.slices;

import org.jspecify.annotations.NullMarked;
