package io.baton.gateway.trace;

import io.baton.telemetry.TraceDecision;
import io.baton.transport.WorkerAddress;
import java.util.List;

/**
 * What became of a request, for its trace.
 *
 * @param rootSpanId the span {@code http-request}
 * @param callerSpanId what the root hangs below; empty if the trace began here
 * @param status HTTP's; 499 if the client left
 * @param firstTokenNanos unix nanoseconds; 0 if there was none
 * @param spanNames spans that the gateway must have made
 * @param mispredicted whether a worker had fewer blocks cached than the router expected
 */
public record RequestOutcome(
    String traceId,
    String rootSpanId,
    String callerSpanId,
    String requestId,
    String model,
    TraceDecision decision,
    int status,
    int attempts,
    long startNanos,
    long firstTokenNanos,
    long endNanos,
    List<String> spanNames,
    List<LegOutcome> legs,
    boolean mispredicted) {

  /**
   * One leg that was sent.
   *
   * @param spans how many its worker said it made; negative: it never said
   */
  public record LegOutcome(WorkerAddress worker, String publishSpanId, int spans) {}

  /** Whether the client got what it asked for; one that left got less by its own choice. */
  boolean failed() {
    return status >= 400;
  }
}
