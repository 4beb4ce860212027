package io.baton.config;

import java.time.Duration;

/**
 * What a value may be at least and at most: numbers as they are, durations in milliseconds.
 *
 * @param min Long.MIN_VALUE: no limit
 * @param max Long.MAX_VALUE: no limit
 */
record ValueRange(long min, long max) {

  boolean hasMin() {
    return min != Long.MIN_VALUE;
  }

  boolean hasMax() {
    return max != Long.MAX_VALUE;
  }

  boolean contains(Object value) {
    return switch (value) {
      case Integer number -> number >= min && number <= max;
      case Long number -> number >= min && number <= max;
      case Double number -> (!hasMin() || number >= min) && (!hasMax() || number <= max);
      case Duration duration ->
          (!hasMin() || duration.compareTo(Duration.ofMillis(min)) >= 0)
              && (!hasMax() || duration.compareTo(Duration.ofMillis(max)) <= 0);
      default -> true;
    };
  }

  /** Such as {@code " from 1 to 65535"}; empty if there is no limit. */
  String describe(ScalarType type) {
    String from = hasMin() ? " from " + print(min, type) : "";
    String to = hasMax() ? (hasMin() ? " to " : " up to ") + print(max, type) : "";
    return from + to;
  }

  private static String print(long limit, ScalarType type) {
    return type.isDuration() ? Quantities.print(Duration.ofMillis(limit)) : Long.toString(limit);
  }
}
