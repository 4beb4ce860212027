/**
 * One trace per request, and the metrics of a process.
 *
 * <p>Starting points: {@link io.baton.telemetry.Tracing} (set-up by the standard {@code OTEL_*}
 * variables), {@link io.baton.telemetry.TraceScope} (the spans of one request in this process),
 * {@link io.baton.telemetry.SpanNames} (every name), {@link io.baton.telemetry.SliceSpans} (an
 * engine's slices as spans).
 *
 * <p>Must stay true: a span is exported closed or not at all; spans of one request are handed over
 * when its scope finishes; nothing here reads thread-locals.
 */
@NullMarked
package io.baton.telemetry;

import org.jspecify.annotations.NullMarked;
