package io.baton.prompt.template;

import io.baton.prompt.template.Values.Callable;
import io.baton.prompt.template.Values.Namespace;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What every template can call. */
final class Globals {
  private static final int MAX_RANGE = 100_000;

  private Globals() {}

  static Map<String, @Nullable Object> of(Clock clock) {
    var globals = new HashMap<String, @Nullable Object>();
    globals.put("raise_exception", raise());
    globals.put("strftime_now", strftimeNow(clock));
    globals.put("namespace", namespace());
    globals.put("dict", (Callable) (positional, named) -> new LinkedHashMap<>(named));
    globals.put("range", range());
    return globals;
  }

  private static Callable raise() {
    return (positional, named) -> {
      String message = positional.isEmpty() ? "" : PythonText.str(positional.getFirst()).value();
      throw new TemplateException(message, true, 0);
    };
  }

  private static Callable namespace() {
    return (positional, named) -> {
      var attributes = new LinkedHashMap<String, @Nullable Object>();
      if (!positional.isEmpty() && positional.getFirst() instanceof Map<?, ?> map) {
        map.forEach((key, value) -> attributes.put((String) key, value));
      }
      attributes.putAll(named);
      return new Namespace(attributes);
    };
  }

  private static Callable range() {
    return (positional, named) -> {
      long from = positional.size() > 1 ? Values.toLong(positional.get(0)) : 0;
      long to = Values.toLong(positional.get(positional.size() > 1 ? 1 : 0));
      long step = positional.size() > 2 ? Values.toLong(positional.get(2)) : 1;
      if (step == 0 || Math.abs((to - from) / step) > MAX_RANGE) {
        throw new TemplateException("range: more than " + MAX_RANGE + " numbers", false, 0);
      }
      var numbers = new ArrayList<@Nullable Object>();
      for (long i = from; step > 0 ? i < to : i > to; i += step) {
        numbers.add(i);
      }
      return numbers;
    };
  }

  private static Callable strftimeNow(Clock clock) {
    return (positional, named) -> {
      String format = PythonText.str(positional.getFirst()).value();
      ZonedDateTime now = ZonedDateTime.now(clock);
      var out = new StringBuilder();
      for (int i = 0; i < format.length(); i++) {
        char c = format.charAt(i);
        out.append(c == '%' && i + 1 < format.length() ? field(format.charAt(++i), now) : c);
      }
      return Text.literal(out.toString());
    };
  }

  /** The field that Python's strftime names so. */
  private static String field(char name, ZonedDateTime now) throws TemplateException {
    String pattern =
        switch (name) {
          case 'd' -> "dd";
          case 'm' -> "MM";
          case 'Y' -> "yyyy";
          case 'y' -> "yy";
          case 'B' -> "MMMM";
          case 'b', 'h' -> "MMM";
          case 'A' -> "EEEE";
          case 'a' -> "EEE";
          case 'H' -> "HH";
          case 'I' -> "hh";
          case 'M' -> "mm";
          case 'S' -> "ss";
          case 'p' -> "a";
          case 'j' -> "DDD";
          case 'F' -> "yyyy-MM-dd";
          case 'T' -> "HH:mm:ss";
          case '%' -> "'%'";
          default ->
              throw new TemplateException("strftime_now: %" + name + " is not known", false, 0);
        };
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now);
  }
}
