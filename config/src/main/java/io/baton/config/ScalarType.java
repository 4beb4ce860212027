package io.baton.config;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * How one type of single value is written.
 *
 * @param form for a JSON Schema
 * @param name for people, such as {@code a whole number}
 * @param parser throws IllegalArgumentException if the text is no such value
 * @param choices all there are; empty if they cannot be listed
 */
record ScalarType(Form form, String name, Parser parser, List<String> choices) {
  /** Kinds of notation. */
  enum Form {
    INTEGER,
    SIZE,
    NUMBER,
    BOOLEAN,
    TEXT,
    DURATION,
    CHOICE
  }

  /** Reads a value; the directory is where relative paths begin. */
  @FunctionalInterface
  interface Parser {
    Object parse(String text, Path directory);
  }

  /** The type for a Java class, if values of it can be written in one piece. */
  static Optional<ScalarType> of(Class<?> type) {
    if (type.isEnum()) {
      return Optional.of(ofEnum(type));
    } else if (type == int.class || type == Integer.class) {
      return simple(Form.INTEGER, "a whole number", (text, _) -> Integer.valueOf(text));
    } else if (type == long.class || type == Long.class) {
      return simple(
          Form.SIZE,
          "a whole number, or a size such as 64MiB",
          (text, _) -> Quantities.parseSize(text));
    } else if (type == double.class || type == Double.class) {
      return simple(Form.NUMBER, "a number", (text, _) -> parseDouble(text));
    } else if (type == boolean.class || type == Boolean.class) {
      return simple(Form.BOOLEAN, "true or false", (text, _) -> parseBoolean(text));
    } else if (type == String.class) {
      return simple(Form.TEXT, "text", (text, _) -> text);
    } else if (type == Duration.class) {
      return simple(
          Form.DURATION,
          "a duration such as 500ms, 2s or 5m",
          (text, _) -> Quantities.parseDuration(text));
    } else if (type == Path.class) {
      return simple(Form.TEXT, "a path", ScalarType::parsePath);
    } else if (type == Secret.class) {
      return simple(
          Form.TEXT,
          "the path of a file that holds the secret",
          (text, directory) -> Secret.read(parsePath(text, directory)));
    }
    return Optional.empty();
  }

  /** A value as it would be written in a file. */
  static String print(Object value) {
    return switch (value) {
      case Duration duration -> Quantities.print(duration);
      case Enum<?> constant -> enumName(constant);
      default -> value.toString();
    };
  }

  boolean isDuration() {
    return form == Form.DURATION;
  }

  private static Optional<ScalarType> simple(Form form, String name, Parser parser) {
    return Optional.of(new ScalarType(form, name, parser, List.of()));
  }

  private static ScalarType ofEnum(Class<?> type) {
    List<Enum<?>> constants =
        Arrays.stream(Objects.requireNonNull(type.getEnumConstants()))
            .<Enum<?>>map(Enum.class::cast)
            .toList();
    List<String> names = constants.stream().map(ScalarType::enumName).toList();
    return new ScalarType(
        Form.CHOICE,
        "one of " + String.join(", ", names),
        (text, _) -> constants.get(indexOf(text, names)),
        names);
  }

  private static int indexOf(String text, List<String> names) {
    int index = names.indexOf(text);
    if (index < 0) {
      throw new IllegalArgumentException("none of " + names + ": " + text);
    }
    return index;
  }

  private static String enumName(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static Double parseDouble(String text) {
    // Double.parseDouble would take 1.5f and 0x1p3 as well.
    double value = new BigDecimal(text).doubleValue();
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("not finite: " + text);
    }
    return value;
  }

  private static Boolean parseBoolean(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false: " + text);
    };
  }

  private static Path parsePath(String text, Path directory) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("no path: " + text);
    }
    return directory.resolve(text);
  }
}
