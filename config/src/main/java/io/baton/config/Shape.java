package io.baton.config;

import java.lang.reflect.RecordComponent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What settings look like: the records of the owners, read once. */
sealed interface Shape {

  /** A single value. */
  record Single(ScalarType type, ValueRange range) implements Shape {
    String expected() {
      return type.name() + range.describe(type);
    }
  }

  /** Values in order. */
  record Items(Shape element) implements Shape {}

  /** Values by names of the user's choice. */
  record Named(Shape element) implements Shape {}

  /** A value that may be absent. */
  record Maybe(Shape inner) implements Shape {}

  /** A record of settings. */
  record Group(Class<?> type, List<Field> fields) implements Shape {
    List<String> keys() {
      return fields.stream().map(Field::key).toList();
    }
  }

  /**
   * A component of a record.
   *
   * @param doc empty for groups without one
   * @param defaultText the default as it would be written; null if there is none in this form
   * @param defaultValue the default as {@code defaults()} gave it; null if there is none in this
   *     form
   */
  record Field(
      String key,
      RecordComponent component,
      Shape shape,
      String doc,
      String unit,
      @Nullable String defaultText,
      @Nullable Object defaultValue) {}
}
