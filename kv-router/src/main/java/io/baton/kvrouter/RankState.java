package io.baton.kvrouter;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one worker rank that has joined.
 *
 * <p>Its cache slot changes under its lock only; whoever writes blocks for the slot holds the lock
 * too, so that no block is written for a slot that was given back.
 */
final class RankState {
  final WorkerRank worker;
  final WorkerProfile profile;
  final RankLoad load;
  final Truth truth = new Truth();

  /**
   * When it was chosen last, counted in decisions; below 0 and by chance at first, so that several
   * routers do not begin with the same rank. Of the scheduler, under its lock.
   */
  long lastTurn;

  private volatile boolean routable = true;
  private volatile @Nullable CacheSlot cache;

  RankState(WorkerRank worker, WorkerProfile profile, RankLoad load, long firstTurn) {
    this.worker = worker;
    this.profile = profile;
    this.load = load;
    this.lastTurn = firstTurn;
  }

  boolean routable() {
    return routable;
  }

  void routable(boolean newRoutable) {
    routable = newRoutable;
  }

  /** Its place in the index; null while its block size is not the pool's. */
  @Nullable CacheSlot cache() {
    return cache;
  }

  CacheView cacheView() {
    if (cache == null) {
      return CacheView.OTHER_BLOCK_SIZE;
    }
    if (!profile.kvEvents()) {
      return CacheView.NO_EVENTS;
    }
    return truth.trusted() ? CacheView.EVENTS : CacheView.DISTRUSTED;
  }

  /** Gives it a place in the index, if it has none. */
  synchronized void openCache(CacheSlots slots) {
    if (cache == null) {
      cache = slots.claim();
    }
  }

  /** Forgets all its blocks. */
  synchronized void forgetBlocks(CacheSlots slots) {
    CacheSlot old = cache;
    if (old != null) {
      slots.retire(old);
      cache = slots.claim();
    }
  }

  /** Takes its place in the index away. */
  synchronized void closeCache(CacheSlots slots) {
    CacheSlot old = cache;
    if (old != null) {
      slots.retire(old);
      cache = null;
    }
  }

  /** Why a request may not go there, however much room there is. */
  Optional<Exclusion> exclusion(RouteRequest request) {
    RouteRequest.Limits limits = request.limits();
    Optional<Exclusion> byKind = limits.any() ? Optional.empty() : mismatch(limits);
    if (byKind.isPresent()) {
      return byKind;
    }
    if (!routable) {
      return Optional.of(Exclusion.NOT_ROUTABLE);
    }
    return limits.excluded().contains(worker)
        ? Optional.of(Exclusion.FAILED_BEFORE)
        : Optional.empty();
  }

  /** What will not change as long as the rank lives. */
  private Optional<Exclusion> mismatch(RouteRequest.Limits limits) {
    if (!limits.kvLayout().isEmpty() && !limits.kvLayout().equals(profile.kvLayout())) {
      return Optional.of(Exclusion.OTHER_KV_LAYOUT);
    }
    if (!limits.pinnedWorker().isEmpty() && !limits.pinnedWorker().equals(worker.workerId())) {
      return Optional.of(Exclusion.NOT_PINNED);
    }
    if (!profile.labels().entrySet().containsAll(limits.labels().entrySet())) {
      return Optional.of(Exclusion.OTHER_LABELS);
    }
    return Optional.empty();
  }
}
