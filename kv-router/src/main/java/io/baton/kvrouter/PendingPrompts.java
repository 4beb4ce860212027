package io.baton.kvrouter;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Prompts that were routed and are still to be computed: what they will leave behind is predicted
 * anew before the prediction runs out, however long the queue is. A little of that is done at each
 * decision, so that none has to do much. Safe for use by many threads.
 */
final class PendingPrompts {
  private static final int MOST = 1 << 16;
  private static final int AT_ONCE = 2;

  private record Pending(
      RankState rank, CacheSlot cache, Reservation leg, long[] blocks, long dueNanos) {}

  private final Predictions predictions;
  private final long againAfterNanos;
  private final Queue<Pending> queue = new ArrayDeque<>();

  /**
   * None.
   *
   * @param lifetimeNanos of predictions; 0: none are made
   */
  PendingPrompts(Predictions predictions, long lifetimeNanos) {
    this.predictions = predictions;
    this.againAfterNanos = lifetimeNanos / 4;
  }

  /** Predicts what a leg will leave on its rank. */
  void add(RankState rank, @Nullable Reservation leg, long[] blocks, long nowNanos) {
    CacheSlot cache = rank.cache();
    if (againAfterNanos == 0 || cache == null) {
      return;
    }
    predict(rank, cache, blocks);
    synchronized (this) {
      if (leg != null && leg.awaitsPrefill() && queue.size() < MOST) {
        queue.add(new Pending(rank, cache, leg, blocks, nowNanos + againAfterNanos));
      }
      for (int i = 0; i < AT_ONCE; i++) {
        again(nowNanos);
      }
    }
  }

  private void again(long nowNanos) {
    Pending next = queue.peek();
    if (next == null || next.dueNanos - nowNanos > 0) {
      return;
    }
    queue.remove();
    if (next.leg.awaitsPrefill() && predict(next.rank, next.cache, next.blocks)) {
      queue.add(
          new Pending(next.rank, next.cache, next.leg, next.blocks, nowNanos + againAfterNanos));
    }
  }

  /** Says whether the rank's cache is still the one that was meant. */
  private boolean predict(RankState rank, CacheSlot cache, long[] blocks) {
    synchronized (rank) {
      if (!cache.equals(rank.cache())) {
        return false;
      }
      predictions.add(blocks, 0, cache);
      return true;
    }
  }
}
