package io.baton.prompt.template;

import io.baton.prompt.template.Values.Tuple;
import io.baton.prompt.template.Values.Undefined;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jinja2's filters, as far as chat templates use them. */
final class Filters {
  private final Evaluator evaluator;

  Filters(Evaluator evaluator) {
    this.evaluator = evaluator;
  }

  /** A call of one filter. */
  record Input(
      @Nullable Object value,
      List<@Nullable Object> positional,
      Map<String, @Nullable Object> named,
      int line) {
    @Nullable Object argument(int index, String name, @Nullable Object otherwise) {
      if (index < positional.size()) {
        return positional.get(index);
      }
      return named.containsKey(name) ? named.get(name) : otherwise;
    }

    Text text() {
      return PythonText.str(value);
    }

    List<@Nullable Object> items() throws TemplateException {
      return Values.iterate(value, line);
    }
  }

  @Nullable Object apply(String name, Input in) throws TemplateException {
    return switch (name) {
      case "trim" -> trim(in);
      case "tojson" -> tojson(in);
      case "length", "count" -> length(in);
      case "upper" -> in.text().map(s -> s.toUpperCase(Locale.ROOT));
      case "lower" -> in.text().map(s -> s.toLowerCase(Locale.ROOT));
      case "capitalize" -> StringMethods.capitalize(in.text());
      case "title" -> StringMethods.title(in.text());
      case "default", "d" -> defaulted(in);
      case "join" -> join(in);
      case "items" -> items(in);
      case "list" -> in.items();
      case "map" -> map(in);
      case "select" -> select(in, true, false);
      case "reject" -> select(in, false, false);
      case "selectattr" -> select(in, true, true);
      case "rejectattr" -> select(in, false, true);
      case "replace" ->
          StringMethods.replace(
              in.text(),
              PythonText.str(in.argument(0, "old", null)),
              PythonText.str(in.argument(1, "new", null)),
              Values.toLong(in.argument(2, "count", -1L)));
      case "first" ->
          in.items().isEmpty() ? new Undefined("first of nothing") : in.items().getFirst();
      case "last" -> in.items().isEmpty() ? new Undefined("last of nothing") : in.items().getLast();
      case "string" -> in.text();
      case "int" -> integer(in);
      case "float" -> decimal(in);
      case "abs" ->
          in.value() instanceof Long n
              ? (Object) Math.abs(n)
              : Math.abs(Values.toDouble(in.value()));
      case "round" -> round(in);
      case "safe", "escape", "e", "forceescape" -> in.text();
      case "unique" -> unique(in);
      case "sort" -> sort(in);
      case "dictsort" -> dictsort(in);
      case "reverse" -> reverse(in);
      case "indent" -> indent(in);
      case "sum" -> sum(in);
      case "min" -> sort(in).isEmpty() ? new Undefined("min of nothing") : sort(in).getFirst();
      case "max" -> sort(in).isEmpty() ? new Undefined("max of nothing") : sort(in).getLast();
      default -> throw new TemplateException("no filter named '" + name + "'", false, in.line());
    };
  }

  private static Text trim(Input in) {
    Object characters = in.argument(0, "chars", null);
    return StringMethods.strip(
        in.text(), true, true, characters == null ? null : PythonText.str(characters).value());
  }

  private static Text tojson(Input in) throws TemplateException {
    Object indent = in.argument(0, "indent", null);
    return JsonText.write(in.value(), indent == null ? -1 : (int) Values.toLong(indent), in.line());
  }

  private static Long length(Input in) throws TemplateException {
    return switch (in.value()) {
      case Text text -> (long) text.value().codePointCount(0, text.length());
      case Map<?, ?> map -> (long) map.size();
      case null -> throw new TemplateException("None has no length", false, in.line());
      default -> (long) in.items().size();
    };
  }

  private static @Nullable Object defaulted(Input in) {
    boolean alsoFalse = Values.truthy(in.argument(1, "boolean", false));
    boolean missing = in.value() instanceof Undefined || (alsoFalse && !Values.truthy(in.value()));
    return missing ? in.argument(0, "default_value", Text.EMPTY) : in.value();
  }

  private Text join(Input in) throws TemplateException {
    Text separator = PythonText.str(in.argument(0, "d", Text.EMPTY));
    Object attribute = in.argument(1, "attribute", null);
    var parts = new ArrayList<@Nullable Object>();
    for (Object item : in.items()) {
      Object part = attribute == null ? item : path(item, attribute, in.line());
      parts.add(PythonText.str(part));
    }
    return StringMethods.join(separator, parts, in.line());
  }

  private static List<@Nullable Object> items(Input in) throws TemplateException {
    return switch (in.value()) {
      case Map<?, ?> map -> Methods.items(map);
      // Jinja2 gives nothing for it.
      case Undefined undefined -> new ArrayList<@Nullable Object>();
      case null, default ->
          throw new TemplateException(
              "items: " + Values.kind(in.value()) + " (expected: dict)", false, in.line());
    };
  }

  static Tuple pair(@Nullable Object key, @Nullable Object value) {
    var pair = new ArrayList<@Nullable Object>(2);
    pair.add(key);
    pair.add(value);
    return new Tuple(pair);
  }

  private List<@Nullable Object> map(Input in) throws TemplateException {
    var mapped = new ArrayList<@Nullable Object>();
    Object attribute = in.named().get("attribute");
    for (Object item : in.items()) {
      if (attribute != null) {
        Object member = path(item, attribute, in.line());
        boolean missing = member instanceof Undefined && in.named().containsKey("default");
        mapped.add(missing ? in.named().get("default") : member);
      } else {
        String filter = PythonText.str(in.argument(0, "filter", null)).value();
        var rest = in.positional().subList(1, in.positional().size());
        mapped.add(apply(filter, new Input(item, rest, in.named(), in.line())));
      }
    }
    return mapped;
  }

  private List<@Nullable Object> select(Input in, boolean wanted, boolean byAttribute)
      throws TemplateException {
    int testAt = byAttribute ? 1 : 0;
    var selected = new ArrayList<@Nullable Object>();
    for (Object item : in.items()) {
      Object tested = byAttribute ? path(item, in.positional().getFirst(), in.line()) : item;
      boolean passes;
      if (in.positional().size() <= testAt) {
        passes = Values.truthy(tested);
      } else {
        String test = PythonText.str(in.positional().get(testAt)).value();
        var rest = in.positional().subList(testAt + 1, in.positional().size());
        passes = Tests.check(test, tested, rest, in.line());
      }
      if (passes == wanted) {
        selected.add(item);
      }
    }
    return selected;
  }

  /** {@code a.b.0}: members one after the other. */
  private @Nullable Object path(@Nullable Object item, @Nullable Object path, int line)
      throws TemplateException {
    Object at = item;
    for (String part : PythonText.str(path).value().split("\\.")) {
      Object key = part.matches("[0-9]{1,9}") ? (Object) Long.valueOf(part) : Text.literal(part);
      at = at instanceof Undefined ? at : evaluator.member(at, key, true, line);
    }
    return at;
  }

  private static @Nullable Object integer(Input in) {
    Object otherwise = in.argument(0, "default", 0L);
    if (Values.isNumber(in.value())) {
      return Values.toLong(in.value());
    }
    try {
      return (long) Double.parseDouble(in.text().value().strip());
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private static @Nullable Object decimal(Input in) {
    if (Values.isNumber(in.value())) {
      return Values.toDouble(in.value());
    }
    try {
      return Double.valueOf(in.text().value().strip());
    } catch (NumberFormatException e) {
      return in.argument(0, "default", 0.0);
    }
  }

  private static Double round(Input in) {
    int digits = (int) Values.toLong(in.argument(0, "precision", 0L));
    var mode =
        switch (PythonText.str(in.argument(1, "method", Text.literal("common"))).value()) {
          case "ceil" -> java.math.RoundingMode.CEILING;
          case "floor" -> java.math.RoundingMode.FLOOR;
          default -> java.math.RoundingMode.HALF_EVEN;
        };
    return new java.math.BigDecimal(Values.toDouble(in.value()))
        .setScale(digits, mode)
        .doubleValue();
  }

  private static List<@Nullable Object> unique(Input in) throws TemplateException {
    var unique = new ArrayList<@Nullable Object>();
    for (Object item : in.items()) {
      // Like Jinja2, without regard to case.
      boolean known = false;
      for (Object earlier : unique) {
        known |= Values.equal(folded(earlier), folded(item));
      }
      if (!known) {
        unique.add(item);
      }
    }
    return unique;
  }

  private static @Nullable Object folded(@Nullable Object value) {
    return value instanceof Text text ? Text.literal(text.value().toLowerCase(Locale.ROOT)) : value;
  }

  private List<@Nullable Object> sort(Input in) throws TemplateException {
    Object attribute = in.named().get("attribute");
    boolean caseSensitive = Values.truthy(in.argument(1, "case_sensitive", false));
    var keyed = new ArrayList<Tuple>();
    for (Object item : in.items()) {
      Object key = attribute == null ? item : path(item, attribute, in.line());
      keyed.add(pair(caseSensitive ? key : folded(key), item));
    }
    sortByKey(keyed, in.line());
    if (Values.truthy(in.argument(0, "reverse", false))) {
      java.util.Collections.reverse(keyed);
    }
    var sorted = new ArrayList<@Nullable Object>();
    keyed.forEach(pair -> sorted.add(pair.get(1)));
    return sorted;
  }

  private static void sortByKey(List<Tuple> pairs, int line) throws TemplateException {
    // Compared beforehand, since a comparator may not throw what we throw.
    for (Tuple pair : pairs) {
      Values.compare(pair.getFirst(), pairs.getFirst().getFirst(), line);
    }
    pairs.sort(Comparator.comparing(Tuple::getFirst, Filters::compareUnchecked));
  }

  private static int compareUnchecked(@Nullable Object left, @Nullable Object right) {
    try {
      return Values.compare(left, right, 0);
    } catch (TemplateException e) {
      return 0;
    }
  }

  private static List<@Nullable Object> dictsort(Input in) throws TemplateException {
    var pairs = new ArrayList<Tuple>();
    for (Object item : items(in)) {
      Tuple pair = (Tuple) java.util.Objects.requireNonNull(item);
      pairs.add(pair(folded(pair.getFirst()), pair));
    }
    sortByKey(pairs, in.line());
    var sorted = new ArrayList<@Nullable Object>();
    pairs.forEach(pair -> sorted.add(pair.get(1)));
    return sorted;
  }

  private static Object reverse(Input in) throws TemplateException {
    List<@Nullable Object> reversed = new ArrayList<@Nullable Object>(in.items().reversed());
    if (in.value() instanceof Text) {
      return StringMethods.join(Text.EMPTY, reversed, in.line());
    }
    return reversed;
  }

  private static Text indent(Input in) {
    Object width = in.argument(0, "width", 4L);
    Text prefix =
        width instanceof Text text ? text : Text.literal(" ".repeat((int) Values.toLong(width)));
    boolean first = Values.truthy(in.argument(1, "first", false));
    boolean blank = Values.truthy(in.argument(2, "blank", false));
    var parts = new ArrayList<Text>();
    Text text = in.text();
    int from = 0;
    while (from <= text.length()) {
      int newline = text.value().indexOf('\n', from);
      int to = newline < 0 ? text.length() : newline + 1;
      Text lineOfText = text.sub(from, to);
      boolean empty = lineOfText.value().isBlank();
      if ((from > 0 || first) && (!empty || blank)) {
        parts.add(prefix);
      }
      parts.add(lineOfText);
      if (newline < 0) {
        break;
      }
      from = to;
    }
    return Text.join(parts);
  }

  private @Nullable Object sum(Input in) throws TemplateException {
    Object attribute = in.argument(0, "attribute", null);
    Object total = in.argument(1, "start", 0L);
    for (Object item : in.items()) {
      Object value = attribute == null ? item : path(item, attribute, in.line());
      total = Arithmetic.apply("+", total, value, in.line());
    }
    return total;
  }
}
