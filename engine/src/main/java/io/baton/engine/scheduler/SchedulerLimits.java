package io.baton.engine.scheduler;

/**
 * What a scheduler may do in one step.
 *
 * @param blockSize tokens per block
 * @param maxRunning requests that hold blocks at once
 * @param maxBatchTokens rows of one step
 * @param prefixReuse whether full blocks are kept for later requests
 * @param draftTokens most tokens tried by speculation; 0: off
 * @param ngram tokens that must repeat for that
 * @param agingNanos waiting this long is worth one level of priority
 */
public record SchedulerLimits(
    int blockSize,
    int maxRunning,
    int maxBatchTokens,
    boolean prefixReuse,
    int draftTokens,
    int ngram,
    long agingNanos) {}
