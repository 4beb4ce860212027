package io.baton.kvrouter;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The router's figures at one moment. Counts run from the router's start.
 *
 * @param blockSize tokens per block that prompts are hashed with; 0 while no worker's is known
 * @param coefficients of the cost estimate by phase, as learnt so far
 * @param indexBlocks distinct blocks in the prefix index, those of workers that left and are not
 *     yet swept included
 * @param indexCapacity most blocks it may hold
 * @param indexBytes heap bytes of its tables
 * @param indexEvictions blocks it forgot for want of room, although a worker held them
 * @param predictedBlocks blocks expected from prompts just routed
 * @param predictionsCut times that predictions were dropped before their time for want of room
 * @param activeReservations legs routed and not yet released
 * @param decisions receipts given
 * @param refusals times that no worker could be chosen
 * @param storedBlocks blocks that events announced
 * @param removedBlocks blocks that events took back
 * @param clears events that emptied a cache
 * @param unknownParents stored runs whose parent the index did not know: an event was lost, or the
 *     index had evicted it
 * @param unknownRemovals removed blocks that the index did not know
 * @param malformedEvents stored runs dropped because their arrays differ in length
 * @param ignoredEvents events of ranks that have not joined or whose block size is not the pool's
 * @param ranks the worker ranks
 */
public record RouterStats(
    int blockSize,
    Map<Phase, Coefficients> coefficients,
    long indexBlocks,
    long indexCapacity,
    long indexBytes,
    long indexEvictions,
    long predictedBlocks,
    long predictionsCut,
    long activeReservations,
    long decisions,
    long refusals,
    long storedBlocks,
    long removedBlocks,
    long clears,
    long unknownParents,
    long unknownRemovals,
    long malformedEvents,
    long ignoredEvents,
    List<Rank> ranks) {

  /** What the estimates of one phase's legs are made with. */
  public Coefficients coefficients(Phase phase) {
    return Objects.requireNonNull(coefficients.get(phase));
  }

  /**
   * One worker rank.
   *
   * @param worker the rank
   * @param profile what it said it is
   * @param routable whether it may be chosen
   * @param cacheView what can be known of its cache
   * @param heldBlocks blocks that the index counts for it, over all tiers
   * @param activeRequests on it, from all gateways
   * @param queuedPrefillTokens prompt tokens it has yet to compute
   * @param decodeTokens tokens whose KV its requests hold
   * @param ownReservations legs that this router has put there and that are not yet released
   * @param ownPrefillTokens prompt tokens of those that are not known to be computed
   * @param ownKvTokens tokens whose KV they hold
   * @param truth how well what was predicted of its cache has come true
   */
  public record Rank(
      WorkerRank worker,
      WorkerProfile profile,
      boolean routable,
      CacheView cacheView,
      long heldBlocks,
      long activeRequests,
      long queuedPrefillTokens,
      long decodeTokens,
      long ownReservations,
      long ownPrefillTokens,
      long ownKvTokens,
      Truth.Figures truth) {}
}
