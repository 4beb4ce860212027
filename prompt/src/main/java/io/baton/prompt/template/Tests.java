package io.baton.prompt.template;

import io.baton.prompt.template.Values.Callable;
import io.baton.prompt.template.Values.Undefined;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jinja2's tests: {@code value is name}. */
final class Tests {
  private Tests() {}

  static boolean check(
      String name, @Nullable Object value, List<@Nullable Object> arguments, int line)
      throws TemplateException {
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "string" -> value instanceof Text;
      case "mapping" -> value instanceof Map;
      case "iterable" -> value instanceof List || value instanceof Map || value instanceof Text;
      case "sequence" -> value instanceof List || value instanceof Map || value instanceof Text;
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "number" -> Values.isNumber(value);
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "callable" -> value instanceof Callable;
      case "odd" -> Math.floorMod(Values.toLong(value), 2L) == 1;
      case "even" -> Math.floorMod(Values.toLong(value), 2L) == 0;
      case "divisibleby" -> Values.toLong(value) % Values.toLong(argument(arguments, line)) == 0;
      case "equalto", "eq", "sameas" -> Values.equal(value, argument(arguments, line));
      case "ne" -> !Values.equal(value, argument(arguments, line));
      case "lt", "lessthan" -> Values.compare(value, argument(arguments, line), line) < 0;
      case "gt", "greaterthan" -> Values.compare(value, argument(arguments, line), line) > 0;
      case "le" -> Values.compare(value, argument(arguments, line), line) <= 0;
      case "ge" -> Values.compare(value, argument(arguments, line), line) >= 0;
      case "in" -> Values.contains(argument(arguments, line), value, line);
      case "lower" -> {
        String text = PythonText.str(value).value();
        yield text.equals(text.toLowerCase(Locale.ROOT));
      }
      case "upper" -> {
        String text = PythonText.str(value).value();
        yield text.equals(text.toUpperCase(Locale.ROOT));
      }
      default -> throw new TemplateException("no test named '" + name + "'", false, line);
    };
  }

  private static @Nullable Object argument(List<@Nullable Object> arguments, int line)
      throws TemplateException {
    if (arguments.isEmpty()) {
      throw new TemplateException("a test lacks its argument", false, line);
    }
    return arguments.getFirst();
  }
}
