package io.baton.prompt.template;

import io.baton.prompt.template.Values.Namespace;
import io.baton.prompt.template.Values.Tuple;
import io.baton.prompt.template.Values.Undefined;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's {@code str} and {@code repr}. */
final class PythonText {
  private PythonText() {}

  /** As {@code {{ value }}} prints it. */
  static Text str(@Nullable Object value) {
    return switch (value) {
      case Text text -> text;
      case Undefined undefined -> Text.EMPTY;
      case null -> Text.literal("None");
      case Boolean bool -> Text.literal(bool ? "True" : "False");
      case Long number -> Text.literal(number.toString());
      case Double number -> Text.literal(number(number));
      // May hold what users wrote, so all of it is data.
      default -> Text.data(repr(value));
    };
  }

  static String repr(@Nullable Object value) {
    return switch (value) {
      case Text text -> quoted(text.value());
      case Tuple tuple -> {
        String items = items(tuple);
        yield tuple.size() == 1 ? "(" + items + ",)" : "(" + items + ")";
      }
      case List<?> list -> "[" + items(list) + "]";
      case Map<?, ?> map -> {
        var out = new StringBuilder("{");
        for (var entry : map.entrySet()) {
          out.append(out.length() > 1 ? ", " : "");
          out.append(quoted((String) entry.getKey())).append(": ").append(repr(entry.getValue()));
        }
        yield out.append('}').toString();
      }
      case Undefined undefined -> "Undefined";
      case Namespace namespace -> "<Namespace " + repr(namespace.attributes()) + ">";
      case null, default -> str(value).value();
    };
  }

  private static String items(List<?> list) {
    var out = new StringBuilder();
    for (Object item : list) {
      out.append(out.isEmpty() ? "" : ", ").append(repr(item));
    }
    return out.toString();
  }

  private static String quoted(String text) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    var out = new StringBuilder().append(quote);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c == quote) {
            out.append('\\').append(c);
          } else if (c < 0x20 || c == 0x7f) {
            out.append("\\x%02x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append(quote).toString();
  }

  /** The shortest digits that read back the same, in Python's layout. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    double size = Math.abs(value);
    if (size == 0 || (size >= 1e-4 && size < 1e16)) {
      String plain = new java.math.BigDecimal(Double.toString(value)).toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    // Java writes 1.0E-5, Python 1e-05.
    String java = Double.toString(value);
    int e = java.indexOf('E');
    String digits = java.substring(0, e).replaceAll("\\.0$", "");
    int exponent = Integer.parseInt(java.substring(e + 1));
    return digits + "e" + (exponent < 0 ? "-" : "+") + "%02d".formatted(Math.abs(exponent));
  }
}
