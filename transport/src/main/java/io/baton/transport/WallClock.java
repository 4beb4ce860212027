package io.baton.transport;

import java.time.Instant;

/**
 * Unix time, for the stamps that let others estimate how far apart two hosts' clocks are. Never for
 * intervals.
 */
final class WallClock {
  private WallClock() {}

  static long unixNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
