package io.baton.gateway.admission;

/**
 * How fast requests of one model end while others wait, for the advice when to come back: the mean
 * time between ends, smoothed over about the last ten. Time in which nobody waited says nothing of
 * the rate and does not count. Not thread-safe.
 */
final class DrainRate {
  private static final int REMEMBERED = 10;

  private double meanGapNanos;
  private int gaps;
  private long lastNanos;
  private boolean counting;

  /**
   * A request has ended.
   *
   * @param othersWait whether its place is wanted, so that the time until the next end counts
   */
  void ended(long nowNanos, boolean othersWait) {
    if (counting) {
      gaps = Math.min(gaps + 1, REMEMBERED);
      meanGapNanos += ((double) (nowNanos - lastNanos) - meanGapNanos) / gaps;
    }
    lastNanos = nowNanos;
    counting = othersWait;
  }

  /** Until so many have ended, rounded up; 1 if nothing is known yet. */
  long secondsFor(int requests) {
    return (long) Math.max(1, Math.ceil(requests * meanGapNanos / 1e9));
  }
}
