package io.baton.telemetry;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Random trace and span ids. */
final class Ids {
  private Ids() {}

  /** 16 random bytes as hex; all of it is random, so the W3C random flag may be set. */
  static String traceId() {
    var random = ThreadLocalRandom.current();
    return hex(random.nextLong()) + hex(nonZero(random));
  }

  static String spanId() {
    return hex(nonZero(ThreadLocalRandom.current()));
  }

  private static long nonZero(ThreadLocalRandom random) {
    long value;
    do {
      value = random.nextLong();
    } while (value == 0);
    return value;
  }

  private static String hex(long value) {
    return HexFormat.of().toHexDigits(value);
  }
}
