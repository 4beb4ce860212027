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

  private volatile boolean routable = true;
  private volatile @Nullable CacheSlot cache;

  RankState(WorkerRank worker, WorkerProfile profile, RankLoad load) {
    this.worker = worker;
    this.profile = profile;
    this.load = load;
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

  /** Why a request may not go there. */
  Optional<Exclusion> exclusion(RouteRequest request) {
    if (!routable) {
      return Optional.of(Exclusion.NOT_ROUTABLE);
    }
    RouteRequest.Limits limits = request.limits();
    if (limits.any()) {
      return Optional.empty();
    }
    if (!limits.excluded().isEmpty() && limits.excluded().contains(worker)) {
      return Optional.of(Exclusion.FAILED_BEFORE);
    }
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
