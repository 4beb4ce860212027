package io.baton.prompt.template;

import io.baton.prompt.template.Values.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Python's methods of {@code str}, as far as chat templates use them. */
final class StringMethods {
  private final Text text;
  private final List<@Nullable Object> arguments;
  private final int line;

  private StringMethods(Text text, List<@Nullable Object> arguments, int line) {
    this.text = text;
    this.arguments = arguments;
    this.line = line;
  }

  /** Calls one; empty if strings have no such method. */
  static Optional<Object> call(Text text, String method, List<@Nullable Object> arguments, int line)
      throws TemplateException {
    return new StringMethods(text, arguments, line).call(method);
  }

  private Optional<Object> call(String method) throws TemplateException {
    return Optional.ofNullable(
        switch (method) {
          case "strip" -> strip(true, true);
          case "lstrip" -> strip(true, false);
          case "rstrip" -> strip(false, true);
          case "upper" -> text.map(s -> s.toUpperCase(Locale.ROOT));
          case "lower" -> text.map(s -> s.toLowerCase(Locale.ROOT));
          case "title" -> title(text);
          case "capitalize" -> capitalize(text);
          case "startswith" -> anyOf(0, true);
          case "endswith" -> anyOf(0, false);
          case "split" -> split(false);
          case "rsplit" -> split(true);
          case "splitlines" -> splitLines();
          case "replace" -> replace(text, argument(0), argument(1), limit(2));
          case "find" -> codePoints(text.value().indexOf(argument(0).value()));
          case "rfind" -> codePoints(text.value().lastIndexOf(argument(0).value()));
          case "index" -> index();
          case "count" -> count();
          case "join" -> join(text, Values.iterate(arguments.getFirst(), line), line);
          case "isdigit" -> text.length() > 0 && text.value().chars().allMatch(Character::isDigit);
          case "isalpha" -> text.length() > 0 && text.value().chars().allMatch(Character::isLetter);
          case "isspace" ->
              text.length() > 0 && text.value().chars().allMatch(Character::isWhitespace);
          case "isupper" ->
              !text.value().equals(text.value().toLowerCase(Locale.ROOT))
                  && text.value().equals(text.value().toUpperCase(Locale.ROOT));
          case "islower" ->
              !text.value().equals(text.value().toUpperCase(Locale.ROOT))
                  && text.value().equals(text.value().toLowerCase(Locale.ROOT));
          case "removeprefix" ->
              text.value().startsWith(argument(0).value())
                  ? text.sub(argument(0).length(), text.length())
                  : text;
          case "removesuffix" ->
              text.value().endsWith(argument(0).value())
                  ? text.sub(0, text.length() - argument(0).length())
                  : text;
          case "format" -> format();
          default -> null;
        });
  }

  private Text argument(int index) throws TemplateException {
    if (index < arguments.size() && arguments.get(index) instanceof Text given) {
      return given;
    }
    throw new TemplateException("a string is missing as argument " + (index + 1), false, line);
  }

  private long limit(int index) {
    return index < arguments.size() ? Values.toLong(arguments.get(index)) : -1;
  }

  private Text strip(boolean left, boolean right) throws TemplateException {
    boolean blanks = arguments.isEmpty() || arguments.getFirst() == null;
    return strip(text, left, right, blanks ? null : argument(0).value());
  }

  /** Takes characters off the ends: blanks, or those given. */
  static Text strip(Text text, boolean left, boolean right, @Nullable String characters) {
    String value = text.value();
    int from = 0;
    int to = value.length();
    while (left && from < to && taken(value.charAt(from), characters)) {
      from++;
    }
    while (right && to > from && taken(value.charAt(to - 1), characters)) {
      to--;
    }
    return text.sub(from, to);
  }

  private static boolean taken(char c, @Nullable String characters) {
    return characters == null
        ? Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85
        : characters.indexOf(c) >= 0;
  }

  static Text capitalize(Text text) {
    if (text.length() == 0) {
      return text;
    }
    int first = text.value().offsetByCodePoints(0, 1);
    return text.sub(0, first)
        .map(s -> s.toUpperCase(Locale.ROOT))
        .plus(text.sub(first, text.length()).map(s -> s.toLowerCase(Locale.ROOT)));
  }

  static Text title(Text text) {
    var parts = new ArrayList<Text>();
    boolean inWord = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.value().charAt(i);
      boolean upper = !inWord;
      parts.add(
          text.sub(i, i + 1)
              .map(s -> upper ? s.toUpperCase(Locale.ROOT) : s.toLowerCase(Locale.ROOT)));
      inWord = Character.isLetter(c);
    }
    return Text.join(parts);
  }

  private boolean anyOf(int index, boolean atStart) throws TemplateException {
    List<? extends @Nullable Object> candidates =
        arguments.get(index) instanceof Tuple tuple ? tuple : List.of(argument(index));
    for (Object candidate : candidates) {
      String value = PythonText.str(candidate).value();
      if (atStart ? text.value().startsWith(value) : text.value().endsWith(value)) {
        return true;
      }
    }
    return false;
  }

  private List<@Nullable Object> split(boolean fromRight) throws TemplateException {
    long limit = limit(1);
    if (arguments.isEmpty() || arguments.getFirst() == null) {
      return splitBlanks(limit);
    }
    String separator = argument(0).value();
    if (separator.isEmpty()) {
      throw new TemplateException("empty separator", false, line);
    }
    return fromRight ? splitRight(separator, limit) : splitLeft(separator, limit);
  }

  private List<@Nullable Object> splitLeft(String separator, long limit) {
    var parts = new ArrayList<@Nullable Object>();
    int from = 0;
    int at = text.value().indexOf(separator);
    while (at >= 0 && (limit < 0 || parts.size() < limit)) {
      parts.add(text.sub(from, at));
      from = at + separator.length();
      at = text.value().indexOf(separator, from);
    }
    parts.add(text.sub(from, text.length()));
    return parts;
  }

  private List<@Nullable Object> splitRight(String separator, long limit) {
    var parts = new ArrayList<@Nullable Object>();
    int to = text.length();
    int at = text.value().lastIndexOf(separator);
    while (at >= 0 && (limit < 0 || parts.size() < limit)) {
      parts.addFirst(text.sub(at + separator.length(), to));
      to = at;
      at = at == 0 ? -1 : text.value().lastIndexOf(separator, at - separator.length());
    }
    parts.addFirst(text.sub(0, to));
    return parts;
  }

  private List<@Nullable Object> splitBlanks(long limit) {
    var parts = new ArrayList<@Nullable Object>();
    Text rest = strip(text, true, false, null);
    while (rest.length() > 0) {
      if (limit >= 0 && parts.size() >= limit) {
        parts.add(strip(rest, false, true, null));
        return parts;
      }
      int end = 0;
      while (end < rest.length() && !taken(rest.value().charAt(end), null)) {
        end++;
      }
      parts.add(rest.sub(0, end));
      rest = strip(rest.sub(end, rest.length()), true, false, null);
    }
    return parts;
  }

  private List<@Nullable Object> splitLines() {
    var parts = new ArrayList<@Nullable Object>();
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.value().charAt(i);
      if (c == '\n' || c == '\r') {
        parts.add(text.sub(from, i));
        boolean pair = c == '\r' && i + 1 < text.length() && text.value().charAt(i + 1) == '\n';
        i += pair ? 1 : 0;
        from = i + 1;
      }
    }
    if (from < text.length()) {
      parts.add(text.sub(from, text.length()));
    }
    return parts;
  }

  static Text replace(Text text, Text old, Text replacement, long limit) {
    if (old.length() == 0) {
      return text;
    }
    var parts = new ArrayList<Text>();
    int from = 0;
    long done = 0;
    int at = text.value().indexOf(old.value());
    while (at >= 0 && (limit < 0 || done < limit)) {
      parts.add(text.sub(from, at));
      parts.add(replacement);
      done++;
      from = at + old.length();
      at = text.value().indexOf(old.value(), from);
    }
    parts.add(text.sub(from, text.length()));
    return Text.join(parts);
  }

  /** Python counts characters, Java units of UTF-16. */
  private Long codePoints(int index) {
    return index < 0 ? -1L : (long) text.value().codePointCount(0, index);
  }

  private Long index() throws TemplateException {
    Long found = codePoints(text.value().indexOf(argument(0).value()));
    if (found < 0) {
      throw new TemplateException("substring not found", false, line);
    }
    return found;
  }

  private Long count() throws TemplateException {
    return splitLeft(argument(0).value(), -1).size() - 1L;
  }

  static Text join(Text separator, List<@Nullable Object> items, int line)
      throws TemplateException {
    var parts = new ArrayList<Text>();
    for (Object item : items) {
      if (!(item instanceof Text part)) {
        throw new TemplateException("join: " + Values.kind(item) + " (expected: str)", false, line);
      }
      if (!parts.isEmpty()) {
        parts.add(separator);
      }
      parts.add(part);
    }
    return Text.join(parts);
  }

  /** {@code {}} and {@code {0}}; nothing that reaches into objects. */
  private Text format() throws TemplateException {
    var parts = new ArrayList<Text>();
    int from = 0;
    int automatic = 0;
    String value = text.value();
    for (int open = value.indexOf('{'); open >= 0; open = value.indexOf('{', from)) {
      int close = value.indexOf('}', open);
      String key = close < 0 ? "?" : value.substring(open + 1, close);
      if (!key.matches("[0-9]{0,3}")) {
        throw new TemplateException("format: {" + key + "} (expected: {} or {0})", false, line);
      }
      int index = key.isEmpty() ? automatic++ : Integer.parseInt(key);
      if (index >= arguments.size()) {
        throw new TemplateException("format: argument " + index + " is missing", false, line);
      }
      parts.add(text.sub(from, open));
      parts.add(PythonText.str(arguments.get(index)));
      from = close + 1;
    }
    parts.add(text.sub(from, text.length()));
    return Text.join(parts);
  }
}
