package io.baton.telemetry.slices;

/**
 * One clock for all spans of a process: unix time read once, {@link System#nanoTime} added since.
 * So intervals are exact and never run backwards, whatever the wall clock does.
 */
// Reading the clock once, when the process starts, is the whole point.
@SuppressWarnings("TimeInStaticInitializer")
public final class TraceClock {
  /** Test hook: makes this process's clock wrong by so many nanoseconds. */
  public static final String SKEW_PROPERTY = "baton.test.clock.skew.nanos";

  private static final int ANCHOR_TRIES = 16;
  private static final long ANCHOR_NANO_TIME;
  private static final long ANCHOR_UNIX_NANOS;

  static {
    // A pause between the two readings would make every span of this process wrong by its length,
    // so the tightest of some pairs counts.
    long bestGap = Long.MAX_VALUE;
    long nanoTime = 0;
    long unixNanos = 0;
    for (int i = 0; i < ANCHOR_TRIES; i++) {
      long before = System.nanoTime();
      var now = java.time.Instant.now();
      long after = System.nanoTime();
      if (after - before < bestGap) {
        bestGap = after - before;
        nanoTime = before + bestGap / 2;
        unixNanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
      }
    }
    ANCHOR_NANO_TIME = nanoTime;
    ANCHOR_UNIX_NANOS = unixNanos + Long.getLong(SKEW_PROPERTY, 0L);
  }

  private TraceClock() {}

  /** Now, in unix nanoseconds. */
  public static long now() {
    return at(System.nanoTime());
  }

  /** Unix nanoseconds of a {@link System#nanoTime} reading of this process. */
  public static long at(long nanoTime) {
    return ANCHOR_UNIX_NANOS + (nanoTime - ANCHOR_NANO_TIME);
  }
}
