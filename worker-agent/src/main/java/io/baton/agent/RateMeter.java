package io.baton.agent;

import java.util.concurrent.TimeUnit;

/** How fast a count rises, over the last second or more. Thread-safe. */
final class RateMeter {
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  private long count;
  private long nanoTime = System.nanoTime();
  private double rate;

  /** Per second, as of the last time a second had passed between two looks. */
  synchronized double perSecond(long now) {
    long at = System.nanoTime();
    if (at - nanoTime >= WINDOW_NANOS) {
      rate = (now - count) * 1e9 / (at - nanoTime);
      count = now;
      nanoTime = at;
    }
    return rate;
  }
}
