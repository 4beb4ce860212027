package io.baton.transport;

import java.util.function.LongSupplier;

/**
 * How long somebody has been silent, not counting the time while the broker was away: then nobody
 * can be heard. Thread-safe.
 */
final class Silence {
  private final LongSupplier clock;
  private volatile long heardNanos;

  Silence(LongSupplier clock) {
    this.clock = clock;
    this.heardNanos = clock.getAsLong();
  }

  void heard() {
    heardNanos = clock.getAsLong();
  }

  /**
   * The silence so far, in nanoseconds.
   *
   * @param listeningSince when the broker came back last, or the link was made
   */
  long nanos(long listeningSince) {
    long now = clock.getAsLong();
    return Math.min(now - heardNanos, now - listeningSince);
  }
}
