/**
 * Finished spans as plain values, whichever process made them, and their two OTLP forms.
 *
 * <p>Starting points: {@link io.baton.telemetry.record.SpanRecord}, {@link
 * io.baton.telemetry.record.OtlpProto}, {@link io.baton.telemetry.record.OtlpJson}.
 *
 * <p>Must stay true: times are as each process measured them; only views correct clocks.
 */
@NullMarked
package io.baton.telemetry.record;

import org.jspecify.annotations.NullMarked;
