package io.baton.kvrouter;

/**
 * How busy a worker rank says it is, from all gateways together.
 *
 * @param runningRequests requests in its running batch
 * @param waitingRequests requests that wait for it
 * @param usedBlocks KV blocks that requests hold
 * @param waitingTokens prompt tokens not yet computed
 */
public record ReportedLoad(
    int runningRequests, int waitingRequests, long usedBlocks, long waitingTokens) {}
