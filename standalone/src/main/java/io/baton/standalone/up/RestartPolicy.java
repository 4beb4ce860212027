package io.baton.standalone.up;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * When to start a worker again whose engine was lost: after a pause that doubles each time, and not
 * at all if it happens too often. Not safe for use by several threads.
 */
final class RestartPolicy {
  /** So many in {@link #WINDOW}; one more, and the worker stays down. */
  static final int MOST = 5;

  static final Duration WINDOW = Duration.ofMinutes(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

  private final Deque<Long> restarts = new ArrayDeque<>();

  /**
   * The pause before the next start; empty if there shall be none.
   *
   * @param nowNanos of a clock that only rises
   */
  Optional<Duration> afterLossAt(long nowNanos) {
    while (!restarts.isEmpty() && nowNanos - restarts.peekFirst() > WINDOW.toNanos()) {
      restarts.removeFirst();
    }
    if (restarts.size() == MOST) {
      return Optional.empty();
    }
    Duration pause = FIRST_PAUSE.multipliedBy(1L << restarts.size());
    restarts.addLast(nowNanos);
    return Optional.of(pause);
  }
}
