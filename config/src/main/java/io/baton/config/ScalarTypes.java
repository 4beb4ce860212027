package io.baton.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Single values from text, with their range. */
final class ScalarTypes {
  private static final Pattern DURATION = Pattern.compile("([0-9]+)(ns|us|ms|s|m|h)");
  private static final Pattern SIZE = Pattern.compile("([0-9]+)(|KiB|MiB|GiB|KB|MB|GB)");

  private ScalarTypes() {}

  /** Tells what was expected. */
  static final class WrongValue extends Exception {
    WrongValue(String expected) {
      super(expected, null, false, false);
    }
  }

  /** Whether values of a type are written as one scalar. */
  static boolean handles(Class<?> type) {
    return type == String.class
        || type == Path.class
        || type == Duration.class
        || type == boolean.class
        || type == int.class
        || type == long.class
        || type == double.class
        || type.isEnum();
  }

  /** Converts a text; the range is that of the setting, if there is one. */
  static Object convert(Class<?> type, String text, @Nullable Setting setting) throws WrongValue {
    long min = setting == null ? Long.MIN_VALUE : setting.min();
    long max = setting == null ? Long.MAX_VALUE : setting.max();
    if (type == String.class) {
      return text;
    } else if (type == Path.class) {
      return Path.of(text);
    } else if (type == Duration.class) {
      return duration(text, min, max);
    } else if (type == boolean.class) {
      return bool(text);
    } else if (type == int.class) {
      long lowest = Math.max(min, Integer.MIN_VALUE);
      long highest = Math.min(max, Integer.MAX_VALUE);
      return (int) number(text, lowest, highest);
    } else if (type == long.class) {
      return number(text, min, max);
    } else if (type == double.class) {
      return decimal(text, min, max);
    }
    return constant(type, text);
  }

  private static Duration duration(String text, long minMillis, long maxMillis) throws WrongValue {
    Matcher matcher = DURATION.matcher(text);
    String expected = "a duration such as 500ms, 2s or 5m" + range(minMillis, maxMillis, " ms");
    if (!matcher.matches() || matcher.group(1).length() > 12) {
      throw new WrongValue(expected);
    }
    long count = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "ns" -> Duration.ofNanos(count);
          case "us" -> Duration.ofNanos(count * 1_000);
          case "ms" -> Duration.ofMillis(count);
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          default -> Duration.ofHours(count);
        };
    if (duration.toMillis() < minMillis || duration.toMillis() > maxMillis) {
      throw new WrongValue(expected);
    }
    return duration;
  }

  private static boolean bool(String text) throws WrongValue {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new WrongValue("true or false");
    };
  }

  private static long number(String text, long min, long max) throws WrongValue {
    String expected = "a whole number, or a size such as 64MiB" + range(min, max, "");
    Matcher matcher = SIZE.matcher(text);
    boolean written = matcher.matches() || text.matches("-[0-9]+");
    if (!written || text.length() > 18) {
      throw new WrongValue(expected);
    }
    long value =
        text.startsWith("-")
            ? Long.parseLong(text)
            : Long.parseLong(matcher.group(1)) * unit(matcher.group(2));
    if (value < min || value > max) {
      throw new WrongValue(expected);
    }
    return value;
  }

  private static long unit(String name) {
    return switch (name) {
      case "KiB" -> 1L << 10;
      case "MiB" -> 1L << 20;
      case "GiB" -> 1L << 30;
      case "KB" -> 1_000;
      case "MB" -> 1_000_000;
      case "GB" -> 1_000_000_000;
      default -> 1;
    };
  }

  private static double decimal(String text, long min, long max) throws WrongValue {
    try {
      double value = Double.parseDouble(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, like a value outside the range.
    }
    throw new WrongValue("a number" + range(min, max, ""));
  }

  private static Object constant(Class<?> type, String text) throws WrongValue {
    for (Object constant : type.getEnumConstants()) {
      if (name(constant).equals(text)) {
        return constant;
      }
    }
    throw new WrongValue(
        "one of "
            + Arrays.stream(type.getEnumConstants())
                .map(ScalarTypes::name)
                .collect(Collectors.joining(", ")));
  }

  static String name(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
  }

  private static String range(long min, long max, String unit) {
    String from = min == Long.MIN_VALUE || min == Integer.MIN_VALUE ? "" : " from " + min + unit;
    String to = max == Long.MAX_VALUE || max == Integer.MAX_VALUE ? "" : " to " + max + unit;
    return from + to;
  }
}
