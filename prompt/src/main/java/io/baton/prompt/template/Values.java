package io.baton.prompt.template;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Python's values as Jinja2 sees them: {@link Text}, {@link Long}, {@link Double}, {@link Boolean},
 * null for None, {@link List}, {@link Map} with text keys, and those defined here.
 */
final class Values {
  private Values() {}

  /** A name or member that is not there. */
  record Undefined(String what) {}

  /** A list that prints as a tuple. */
  static final class Tuple extends ArrayList<@Nullable Object> {
    Tuple(Collection<? extends @Nullable Object> items) {
      super(items);
    }
  }

  /** What {@code namespace()} makes: attributes that can be set from inner scopes. */
  record Namespace(Map<String, @Nullable Object> attributes) {}

  /** Something that can be called. */
  @FunctionalInterface
  interface Callable {
    @Nullable Object call(List<@Nullable Object> positional, Map<String, @Nullable Object> named)
        throws TemplateException;
  }

  /** Plain Java values from outside; all text in them is data. */
  static @Nullable Object fromJava(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case String text -> Text.data(text);
      case Boolean bool -> bool;
      case Integer number -> number.longValue();
      case Long number -> number;
      case Number number -> number.doubleValue();
      case Map<?, ?> map -> {
        var converted = new LinkedHashMap<String, @Nullable Object>();
        map.forEach((key, member) -> converted.put(String.valueOf(key), fromJava(member)));
        yield converted;
      }
      case Collection<?> items -> {
        var converted = new ArrayList<@Nullable Object>(items.size());
        for (Object item : items) {
          converted.add(fromJava(item));
        }
        yield converted;
      }
      default -> Text.data(value.toString());
    };
  }

  static boolean truthy(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Undefined undefined -> false;
      case Boolean bool -> bool;
      case Long number -> number != 0;
      case Double number -> number != 0;
      case Text text -> text.length() > 0;
      case List<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      default -> true;
    };
  }

  static boolean isNumber(@Nullable Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  static double toDouble(@Nullable Object value) {
    return switch (value) {
      case Long number -> number;
      case Double number -> number;
      case Boolean bool -> bool ? 1 : 0;
      case null, default -> Double.NaN;
    };
  }

  static long toLong(@Nullable Object value) {
    return switch (value) {
      case Long number -> number;
      case Boolean bool -> bool ? 1 : 0;
      case Double number -> number.longValue();
      case null, default -> 0;
    };
  }

  /** Python's {@code ==}: numbers by value, everything else by content. */
  static boolean equal(@Nullable Object left, @Nullable Object right) {
    if (isNumber(left) && isNumber(right)) {
      return toDouble(left) == toDouble(right);
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      if (a.size() != b.size()) {
        return false;
      }
      for (int i = 0; i < a.size(); i++) {
        if (!equal(a.get(i), b.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (left instanceof Undefined && right instanceof Undefined) {
      return true;
    }
    return left == null ? right == null : left.equals(right);
  }

  /** Python's {@code <}: negative, zero or positive. */
  static int compare(@Nullable Object left, @Nullable Object right, int line)
      throws TemplateException {
    if (isNumber(left) && isNumber(right)) {
      return Double.compare(toDouble(left), toDouble(right));
    }
    if (left instanceof Text a && right instanceof Text b) {
      return a.value().compareTo(b.value());
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
        if (!equal(a.get(i), b.get(i))) {
          return compare(a.get(i), b.get(i), line);
        }
      }
      return Integer.compare(a.size(), b.size());
    }
    throw new TemplateException(
        "cannot compare " + kind(left) + " with " + kind(right), false, line);
  }

  static boolean contains(@Nullable Object container, @Nullable Object item, int line)
      throws TemplateException {
    return switch (container) {
      case Text text when item instanceof Text part -> text.value().contains(part.value());
      case List<?> list -> {
        for (Object member : list) {
          if (equal(member, item)) {
            yield true;
          }
        }
        yield false;
      }
      case Map<?, ?> map -> item instanceof Text key && map.containsKey(key.value());
      case Undefined undefined -> false;
      case null, default ->
          throw new TemplateException(
              "cannot look for " + kind(item) + " in " + kind(container), false, line);
    };
  }

  /** What a {@code for} runs over. */
  static List<@Nullable Object> iterate(@Nullable Object value, int line) throws TemplateException {
    return switch (value) {
      case List<?> list -> new ArrayList<@Nullable Object>(list);
      case Map<?, ?> map -> {
        var keys = new ArrayList<@Nullable Object>();
        map.keySet().forEach(key -> keys.add(Text.data((String) key)));
        yield keys;
      }
      case Text text -> {
        var characters = new ArrayList<@Nullable Object>();
        for (int at = 0; at < text.length(); ) {
          int end = text.value().offsetByCodePoints(at, 1);
          characters.add(text.sub(at, end));
          at = end;
        }
        yield characters;
      }
      case Undefined undefined -> new ArrayList<@Nullable Object>();
      case null, default ->
          throw new TemplateException(kind(value) + " cannot be iterated over", false, line);
    };
  }

  /** For error messages, as Python names its types. */
  static String kind(@Nullable Object value) {
    return switch (value) {
      case null -> "None";
      case Text text -> "str";
      case Long number -> "int";
      case Double number -> "float";
      case Boolean bool -> "bool";
      case Tuple tuple -> "tuple";
      case List<?> list -> "list";
      case Map<?, ?> map -> "dict";
      case Undefined undefined -> "undefined (" + undefined.what() + ")";
      default -> "object";
    };
  }
}
