package io.baton.kvrouter;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toUnmodifiableList;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The worker ranks that have joined, and the block size they agree on.
 *
 * <p>The pool's block size is that of the rank that joined first; it changes only when no rank of
 * that size is left. Ranks of another size get no place in the index.
 *
 * <p>Safe for use by many threads; reading takes no lock.
 */
final class RankRegistry {
  private final CacheSlots slots;
  private final RandomGenerator random;

  /** In the order in which they joined. */
  private final Map<WorkerRank, RankState> ranks = new LinkedHashMap<>();

  private volatile Snapshot snapshot = new Snapshot(Map.of(), Map.of(), 0);

  /**
   * An empty registry.
   *
   * @param random used under this object's lock
   */
  RankRegistry(CacheSlots slots, RandomGenerator random) {
    this.slots = slots;
    this.random = random;
  }

  /** The rank, or null if it has not joined. */
  @Nullable RankState find(WorkerRank worker) {
    return snapshot.ranks.get(worker);
  }

  /** All ranks, in the order in which they joined. */
  Collection<RankState> all() {
    return snapshot.ranks.values();
  }

  /** All ranks of a phase, in the order in which they joined. */
  List<RankState> of(Phase phase) {
    return snapshot.byPhase.getOrDefault(phase, List.of());
  }

  /** Tokens per block that prompts are hashed with; 0 while no rank's is known. */
  int blockSize() {
    return snapshot.blockSize;
  }

  synchronized void join(WorkerRank worker, WorkerProfile profile) {
    RankState known = ranks.get(worker);
    if (known != null && known.profile.equals(profile)) {
      return;
    }
    // Reservations made under another profile go on counting.
    RankState rank =
        known == null
            ? new RankState(worker, profile, new RankLoad(), random.nextLong(Long.MIN_VALUE, 0))
            : new RankState(worker, profile, known.load, known.lastTurn);
    if (known != null) {
      known.closeCache(slots);
      rank.routable(known.routable());
    }
    ranks.put(worker, rank);
    publish();
  }

  synchronized void leave(WorkerRank worker) {
    RankState gone = ranks.remove(worker);
    if (gone != null) {
      gone.closeCache(slots);
      publish();
    }
  }

  private void publish() {
    int blockSize = agreedBlockSize();
    for (RankState rank : ranks.values()) {
      if (blockSize > 0 && rank.profile.blockSize() == blockSize) {
        rank.openCache(slots);
      } else {
        rank.closeCache(slots);
      }
    }
    snapshot = Snapshot.of(ranks, blockSize);
  }

  private int agreedBlockSize() {
    int agreed = snapshot.blockSize;
    int first = 0;
    for (RankState rank : ranks.values()) {
      int size = rank.profile.blockSize();
      if (size > 0 && size == agreed) {
        return agreed;
      }
      if (first == 0) {
        first = size;
      }
    }
    return first;
  }

  private record Snapshot(
      Map<WorkerRank, RankState> ranks, Map<Phase, List<RankState>> byPhase, int blockSize) {
    static Snapshot of(Map<WorkerRank, RankState> ranks, int blockSize) {
      return new Snapshot(
          new LinkedHashMap<>(ranks),
          ranks.values().stream()
              .collect(groupingBy(rank -> rank.profile.phase(), toUnmodifiableList())),
          blockSize);
    }
  }
}
