package io.baton.kvrouter;

import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import org.jspecify.annotations.Nullable;

/**
 * Applies what workers tell of their caches to the index. Nothing that looks wrong is fatal: it is
 * counted under its name, and what can be believed is applied.
 */
final class CacheEvents {
  /** So that a router thread which wants the same rank's lock never waits for a whole snapshot. */
  private static final int BLOCKS_PER_LOCK = 256;

  private final PrefixIndex index;
  private final CacheSlots slots;
  private final EventCounts counts;

  CacheEvents(PrefixIndex index, CacheSlots slots, EventCounts counts) {
    this.index = index;
    this.slots = slots;
    this.counts = counts;
  }

  /** Applies one event; the rank is null if it has not joined. */
  void apply(@Nullable RankState rank, KvEvent event) {
    CacheSlot cache = rank == null ? null : rank.cache();
    if (rank == null || cache == null) {
      counts.ignoredEvents.increment();
      return;
    }
    switch (event) {
      case KvEvent.Stored stored -> store(rank, cache, stored);
      case KvEvent.Removed removed -> remove(rank, cache, removed);
      case KvEvent.Cleared _ -> {
        rank.forgetBlocks(slots);
        counts.clears.increment();
      }
    }
  }

  private void store(RankState rank, CacheSlot cache, KvEvent.Stored stored) {
    long[] hashes = stored.sequenceHashes();
    if (hashes.length != stored.localHashes().length) {
      counts.malformedEvents.increment();
      return;
    }
    if (stored.parent().isPresent() && !index.holds(stored.parent().getAsLong(), cache)) {
      // The worker holds the parent all the same, so the run is kept; see OverlapSearch.
      counts.unknownParents.increment();
    }
    inPieces(rank, cache, hashes, stored.tier(), index::addAll);
    counts.storedBlocks.add(hashes.length);
  }

  private void remove(RankState rank, CacheSlot cache, KvEvent.Removed removed) {
    long[] hashes = removed.sequenceHashes();
    int unknown = inPieces(rank, cache, hashes, removed.tier(), index::removeAll);
    counts.unknownRemovals.add(unknown);
    counts.removedBlocks.add(hashes.length);
  }

  /** Changes the index block by block; says how many changes had no effect. */
  private static int inPieces(
      RankState rank, CacheSlot cache, long[] hashes, KvTier tier, Change change) {
    int idle = 0;
    int next = 0;
    while (next < hashes.length) {
      int end = Math.min(next + BLOCKS_PER_LOCK, hashes.length);
      synchronized (rank) {
        if (rank.cache() != cache) {
          // Forgotten or gone meanwhile: the rest would be written for nobody.
          return idle;
        }
        idle += end - next - change.apply(hashes, next, end, PrefixIndex.plane(tier), cache);
        next = end;
      }
    }
    return idle;
  }

  @FunctionalInterface
  private interface Change {
    int apply(long[] hashes, int from, int to, int plane, CacheSlot cache);
  }
}
