package io.baton.standalone.route;

import java.util.List;

/**
 * What a replay runs on.
 *
 * @param workers how many
 * @param blocksPerWorker blocks of each one's prefix cache
 * @param blockTokens tokens per block
 * @param tokensPerSecond prefill speed of each
 * @param seed of everything drawn at random
 */
record ReplaySetup(
    int workers, int blocksPerWorker, int blockTokens, double tokensPerSecond, long seed) {

  /** The speed at which a trace would keep workers busy for this share of its time, uncached. */
  static double speedFor(double utilization, int workers, List<TraceRequest> trace) {
    long tokens = trace.stream().mapToLong(TraceRequest::inputTokens).sum();
    long span = trace.getLast().arrivalNanos() - trace.getFirst().arrivalNanos();
    return tokens / (Math.max(1, span) / 1e9 * workers * utilization);
  }
}
