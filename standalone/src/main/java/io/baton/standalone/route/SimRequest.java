package io.baton.standalone.route;

/** One request on its way through a simulation. */
final class SimRequest {
  final TraceRequest trace;

  /** Set when it is routed. */
  int worker;

  /** What the policy believed would have to be computed; counted as outstanding until then. */
  long believedUncached;

  /** Set when its prefill begins. */
  int hitTokens;

  long firstTokenNanos;
  long endNanos;

  SimRequest(TraceRequest trace) {
    this.trace = trace;
  }

  long uncachedTokens() {
    return (long) trace.inputTokens() - hitTokens;
  }

  long ttftNanos() {
    return firstTokenNanos - trace.arrivalNanos();
  }

  /** Blocks of KV it holds while it is active. */
  double kvBlocks() {
    return (double) (trace.inputTokens() + trace.outputTokens()) / trace.prompt().blockSize();
  }
}
