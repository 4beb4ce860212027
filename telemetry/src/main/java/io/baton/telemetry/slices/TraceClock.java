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

  private static final long ANCHOR_NANO_TIME;
  private static final long ANCHOR_UNIX_NANOS;

  static {
    var now = java.time.Instant.now();
    ANCHOR_NANO_TIME = System.nanoTime();
    ANCHOR_UNIX_NANOS =
        now.getEpochSecond() * 1_000_000_000L + now.getNano() + Long.getLong(SKEW_PROPERTY, 0L);
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
