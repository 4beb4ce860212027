package io.baton.kvrouter;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** A few lookups' memory for whoever needs it next; more are made if all are taken. */
final class MatchesPool {
  private static final int KEPT = 16;

  private final PrefixIndex index;
  private final Predictions predictions;
  private final AtomicReferenceArray<@Nullable CacheMatches> kept =
      new AtomicReferenceArray<>(KEPT);

  MatchesPool(PrefixIndex index, Predictions predictions) {
    this.index = index;
    this.predictions = predictions;
  }

  CacheMatches take() {
    for (int i = 0; i < KEPT; i++) {
      CacheMatches found = kept.get(i) == null ? null : kept.getAndSet(i, null);
      if (found != null) {
        return found;
      }
    }
    return new CacheMatches(index, predictions);
  }

  void giveBack(@Nullable CacheMatches matches) {
    if (matches == null) {
      return;
    }
    for (int i = 0; i < KEPT; i++) {
      if (kept.compareAndSet(i, null, matches)) {
        return;
      }
    }
  }
}
