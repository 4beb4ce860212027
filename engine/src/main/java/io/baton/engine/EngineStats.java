package io.baton.engine;

/**
 * What an engine has done since it started and what it holds now. Read at any time from any thread;
 * the figures of one reading may be a step apart.
 *
 * @param steps forward passes
 * @param prefillTokens prompt tokens computed
 * @param decodeTokens tokens computed to get the next one; drafts included
 * @param cachedTokens prompt tokens not computed since their KV was there
 * @param generatedTokens tokens chosen, end tokens included
 * @param acceptedRequests requests taken in
 * @param finishedRequests requests ended, whatever the end
 * @param retracts running requests that had to give their blocks back
 * @param runningRequests requests in the running batch
 * @param waitingRequests requests that wait for it, for blocks or for their other leg
 * @param waitingTokens prompt tokens not yet computed
 * @param usedBlocks blocks that requests hold
 * @param cachedBlocks blocks that nobody holds but that can be reused
 * @param totalBlocks blocks in all
 * @param hostBlocks blocks held in the second tier
 * @param evictedBlocks blocks that left the first tier
 * @param loadedBlocks blocks that came back from the second tier
 * @param sentBlocks blocks sent to decode engines
 * @param sentBytes their KV bytes, without framing
 * @param receivedBlocks blocks that came from prefill engines
 * @param receivedBytes their KV bytes, without framing
 * @param failedHandoffs handoffs that broke, whoever broke them
 * @param draftTokens tokens tried by speculation
 * @param acceptedDraftTokens tried tokens that were right
 * @param longestStepNanos longest step so far
 */
public record EngineStats(
    long steps,
    long prefillTokens,
    long decodeTokens,
    long cachedTokens,
    long generatedTokens,
    long acceptedRequests,
    long finishedRequests,
    long retracts,
    int runningRequests,
    int waitingRequests,
    long waitingTokens,
    int usedBlocks,
    int cachedBlocks,
    int totalBlocks,
    int hostBlocks,
    long evictedBlocks,
    long loadedBlocks,
    long sentBlocks,
    long sentBytes,
    long receivedBlocks,
    long receivedBytes,
    long failedHandoffs,
    long draftTokens,
    long acceptedDraftTokens,
    long longestStepNanos) {}
