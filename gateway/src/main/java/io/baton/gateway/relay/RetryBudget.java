package io.baton.gateway.relay;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many attempts may follow a failed one, over all requests: a share of the requests, and a
 * reserve for a moment in which much fails at once. When a whole fleet is ill, trying everything
 * three times makes it no better. Thread-safe.
 */
final class RetryBudget {
  /** An empty reserve is full again after so long. */
  private static final long REFILL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier clock;
  private double ratio;
  private int reserve;
  private double level;
  private long refilledNanos;

  /**
   * A full reserve.
   *
   * @param clock nanoseconds that only rise
   */
  RetryBudget(double ratio, int reserve, LongSupplier clock) {
    this.clock = clock;
    this.ratio = ratio;
    this.reserve = reserve;
    this.level = reserve;
    this.refilledNanos = clock.getAsLong();
  }

  /** Other limits from now on. */
  synchronized void configure(double newRatio, int newReserve) {
    ratio = newRatio;
    reserve = newReserve;
    level = Math.min(level, reserve);
  }

  /** A request has come. */
  synchronized void request() {
    level = Math.min(reserve, level + ratio);
  }

  /** Takes one attempt out; false if there is none. */
  synchronized boolean take() {
    long now = clock.getAsLong();
    level = Math.min(reserve, level + (double) reserve * (now - refilledNanos) / REFILL_NANOS);
    refilledNanos = now;
    if (level < 1) {
      return false;
    }
    level--;
    return true;
  }
}
