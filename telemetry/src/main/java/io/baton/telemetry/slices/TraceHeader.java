package io.baton.telemetry.slices;

/**
 * W3C trace context as it is handed to an engine, with the trace level beside it.
 *
 * @param traceparent {@code 00-<trace id>-<span id>-<flags>}
 * @param tracestate empty if there is none
 * @param level 0 nothing, 1 important slices, 2 all but nested ones, 3 all
 * @param deferred whether it is recorded although {@code traceparent} says unsampled, because the
 *     gateway decides at the request's end; engines that export on their own stay silent then
 * @param gateway id of the gateway whose request it is; empty if that does not matter
 */
public record TraceHeader(
    String traceparent, String tracestate, int level, boolean deferred, String gateway) {

  /** With the decision that {@code traceparent} states. */
  public TraceHeader(String traceparent, String tracestate, int level) {
    this(traceparent, tracestate, level, false, "");
  }

  /** The first 32 hex digits of the parent's trace id. */
  public String traceId() {
    return traceparent.substring(3, 35);
  }

  /** Whether {@code traceparent} says that the trace is exported. */
  public boolean sampled() {
    return (Character.digit(traceparent.charAt(54), 16) & 1) == 1;
  }

  /** Whether slices are noted. */
  public boolean recorded() {
    return level > 0 && (deferred || sampled());
  }
}
