package io.baton.engine.scheduler;

import java.util.ArrayList;
import java.util.List;

/**
 * Sequences that wait for the batch. Larger priorities go first, equal ones in the order of
 * arrival; for each stretch of waiting a sequence gains one level, so that nobody waits for ever.
 */
final class WaitQueue {
  private final long agingNanos;
  private final List<Sequence> waiting = new ArrayList<>();

  WaitQueue(long agingNanos) {
    this.agingNanos = agingNanos;
  }

  int size() {
    return waiting.size();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  List<Sequence> all() {
    return waiting;
  }

  void add(Sequence sequence) {
    waiting.add(sequence);
  }

  void remove(Sequence sequence) {
    waiting.remove(sequence);
  }

  /** Who is next; the queue must not be empty. */
  Sequence first(long now) {
    Sequence best = waiting.getFirst();
    for (Sequence candidate : waiting) {
      if (before(candidate, best, now)) {
        best = candidate;
      }
    }
    return best;
  }

  private boolean before(Sequence a, Sequence b, long now) {
    long levelA = level(a, now);
    long levelB = level(b, now);
    return levelA > levelB || (levelA == levelB && a.order < b.order);
  }

  private long level(Sequence sequence, long now) {
    return sequence.request.priority() + (now - sequence.timing.arrival) / agingNanos;
  }
}
