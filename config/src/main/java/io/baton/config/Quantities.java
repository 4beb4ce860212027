package io.baton.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as they are written in files. */
final class Quantities {
  static final String DURATION_PATTERN = "[0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h|d)";
  static final String SIZE_PATTERN = "-?[0-9]+(\\.[0-9]+)?(|B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)";

  /** A number of so many digits times the largest unit may overflow, which is noticed. */
  private static final Pattern FORM =
      Pattern.compile("(-?[0-9]{1,19}(?:\\.[0-9]{1,9})?)([A-Za-z]*)");

  private static final String[] TIME_UNITS = {"d", "h", "m", "s", "ms", "us", "ns"};

  private Quantities() {}

  /** A duration such as {@code 500ms}, {@code 1.5h}. */
  static Duration parseDuration(String text) {
    Matcher form = match(text);
    if (text.startsWith("-")) {
      throw new IllegalArgumentException("negative: " + text);
    }
    return Duration.ofNanos(exact(form.group(1), nanos(form.group(2))));
  }

  /** In the largest unit that divides it. */
  static String print(Duration duration) {
    long total = duration.toNanos();
    if (total == 0) {
      return "0s";
    }
    for (String unit : TIME_UNITS) {
      if (total % nanos(unit) == 0) {
        return total / nanos(unit) + unit;
      }
    }
    throw new AssertionError("nanoseconds divide everything");
  }

  /** A whole number, or a number of bytes such as {@code 64KiB}, {@code 1.5GB}. */
  static long parseSize(String text) {
    Matcher form = match(text);
    return exact(form.group(1), bytes(form.group(2)));
  }

  private static Matcher match(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("no number with a unit: " + text);
    }
    return form;
  }

  /** A decimal number times a unit, which must come out whole and fit into 64 bits. */
  private static long exact(String number, long unit) {
    try {
      return new BigDecimal(number).multiply(BigDecimal.valueOf(unit)).longValueExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("too large or not whole: " + number, e);
    }
  }

  private static long nanos(String unit) {
    return switch (unit) {
      case "ns" -> 1;
      case "us" -> 1_000;
      case "ms" -> 1_000_000;
      case "s" -> 1_000_000_000;
      case "m" -> 60_000_000_000L;
      case "h" -> 3_600_000_000_000L;
      case "d" -> 86_400_000_000_000L;
      default -> throw new IllegalArgumentException("unknown unit: " + unit);
    };
  }

  private static long bytes(String unit) {
    return switch (unit) {
      case "", "B" -> 1;
      case "KB" -> 1_000;
      case "MB" -> 1_000_000;
      case "GB" -> 1_000_000_000;
      case "TB" -> 1_000_000_000_000L;
      case "KiB" -> 1L << 10;
      case "MiB" -> 1L << 20;
      case "GiB" -> 1L << 30;
      case "TiB" -> 1L << 40;
      default -> throw new IllegalArgumentException("unknown unit: " + unit);
    };
  }
}
