package io.baton.prompt.template;

import io.baton.prompt.template.Values.Undefined;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's {@code json.dumps(value, ensure_ascii=False, indent=...)}, as Hugging Face calls it. */
final class JsonText {
  private final int indent;
  private final StringBuilder out = new StringBuilder();
  private final int line;

  private JsonText(int indent, int line) {
    this.indent = indent;
    this.line = line;
  }

  /**
   * Writes a value.
   *
   * @param indent blanks per level; negative: all on one line
   */
  static Text write(@Nullable Object value, int indent, int line) throws TemplateException {
    var writer = new JsonText(indent, line);
    writer.value(value, 0);
    return Text.data(writer.out.toString());
  }

  private void value(@Nullable Object value, int depth) throws TemplateException {
    switch (value) {
      case null -> out.append("null");
      case Boolean bool -> out.append(bool ? "true" : "false");
      case Long number -> out.append(number);
      case Double number -> out.append(PythonText.number(number));
      case Text text -> string(text.value());
      case List<?> list -> {
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
          separate(i == 0, depth + 1);
          value(list.get(i), depth + 1);
        }
        close(list.isEmpty(), depth, ']');
      }
      case Map<?, ?> map -> {
        out.append('{');
        boolean first = true;
        for (var entry : map.entrySet()) {
          separate(first, depth + 1);
          first = false;
          string((String) entry.getKey());
          out.append(": ");
          value(entry.getValue(), depth + 1);
        }
        close(map.isEmpty(), depth, '}');
      }
      case Undefined undefined ->
          throw new TemplateException(undefined.what() + " is undefined", false, line);
      default -> throw new TemplateException(Values.kind(value) + " has no JSON form", false, line);
    }
  }

  private void separate(boolean first, int depth) {
    if (!first) {
      out.append(indent < 0 ? ", " : ",");
    }
    if (indent >= 0) {
      out.append('\n').repeat(" ", indent * depth);
    }
  }

  private void close(boolean empty, int depth, char bracket) {
    if (!empty && indent >= 0) {
      out.append('\n').repeat(" ", indent * depth);
    }
    out.append(bracket);
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
