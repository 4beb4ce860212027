package io.baton.telemetry.slices;

/**
 * W3C trace context as it is handed to an engine, with the trace level beside it.
 *
 * @param traceparent {@code 00-<trace id>-<span id>-<flags>}
 * @param tracestate empty if there is none
 * @param level 0 nothing, 1 important slices, 2 all but nested ones, 3 all
 */
public record TraceHeader(String traceparent, String tracestate, int level) {

  /** The first 32 hex digits of the parent's trace id. */
  public String traceId() {
    return traceparent.substring(3, 35);
  }

  /** Whether the trace is recorded. */
  public boolean sampled() {
    return (Character.digit(traceparent.charAt(54), 16) & 1) == 1;
  }
}
