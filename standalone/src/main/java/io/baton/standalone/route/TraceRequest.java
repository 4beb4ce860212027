package io.baton.standalone.route;

import io.baton.kvblocks.BlockHashes;

/**
 * One request of a trace.
 *
 * @param number from 0, in the order of arrival
 * @param arrivalNanos since the start of the trace
 * @param outputTokens length of its answer
 * @param prompt names of its blocks; a last block that is not full has one too
 */
record TraceRequest(int number, long arrivalNanos, int outputTokens, BlockHashes prompt) {
  int inputTokens() {
    return prompt.tokenCount();
  }

  long[] blocks() {
    return prompt.sequence();
  }

  /** Tokens that need not be computed if this many leading blocks are there; never the last one. */
  int hitTokens(int leadingBlocks) {
    return Math.min(leadingBlocks * prompt.blockSize(), inputTokens() - 1);
  }

  TraceRequest at(long nanos) {
    return new TraceRequest(number, nanos, outputTokens, prompt);
  }
}
