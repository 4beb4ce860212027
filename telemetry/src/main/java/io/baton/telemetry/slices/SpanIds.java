package io.baton.telemetry.slices;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Ids of spans that others must know before the spans are made. */
final class SpanIds {
  private SpanIds() {}

  static String next() {
    long id;
    do {
      id = ThreadLocalRandom.current().nextLong();
    } while (id == 0);
    return HexFormat.of().toHexDigits(id);
  }
}
