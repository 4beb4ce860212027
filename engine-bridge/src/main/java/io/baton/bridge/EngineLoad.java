package io.baton.bridge;

/**
 * How one data-parallel rank is right now.
 *
 * @param runningRequests requests in the running batch
 * @param waitingRequests requests that wait for it
 * @param usedBlocks KV blocks that requests hold (cached blocks that nobody uses are free)
 * @param totalBlocks KV blocks in all; 0 if unknown
 * @param waitingTokens prompt tokens not yet computed
 */
public record EngineLoad(
    int rank,
    int runningRequests,
    int waitingRequests,
    long usedBlocks,
    long totalBlocks,
    long waitingTokens) {}
