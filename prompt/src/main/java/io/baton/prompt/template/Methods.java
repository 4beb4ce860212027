package io.baton.prompt.template;

import io.baton.prompt.template.Values.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Methods of values, as far as a sandbox lets them be called: none that changes anything. */
final class Methods {
  /** What a method gave; null is Python's None. */
  record Result(@Nullable Object value) {}

  private Methods() {}

  /** Calls one; empty if the value has no such method of its own. */
  static Optional<Result> call(
      @Nullable Object target,
      String method,
      List<@Nullable Object> positional,
      Map<String, @Nullable Object> named,
      int line)
      throws TemplateException {
    return switch (target) {
      case Text text -> StringMethods.call(text, method, positional, line).map(Result::new);
      case Map<?, ?> map -> ofDict(map, method, positional);
      case List<?> list -> ofList(list, method, positional, line);
      case Undefined undefined ->
          throw new TemplateException("'" + undefined.what() + "' is undefined", false, line);
      case null, default -> Optional.empty();
    };
  }

  private static Optional<Result> ofDict(
      Map<?, ?> map, String method, List<@Nullable Object> positional) {
    return switch (method) {
      case "get" -> Optional.of(new Result(get(map, positional)));
      case "items" -> Optional.of(new Result(items(map)));
      case "keys" -> Optional.of(new Result(keys(map)));
      case "values" -> Optional.of(new Result(new ArrayList<@Nullable Object>(map.values())));
      default -> Optional.empty();
    };
  }

  private static @Nullable Object get(Map<?, ?> map, List<@Nullable Object> positional) {
    if (positional.getFirst() instanceof Text key && map.containsKey(key.value())) {
      return map.get(key.value());
    }
    return positional.size() > 1 ? positional.get(1) : null;
  }

  /** Pairs of key and value. */
  static List<@Nullable Object> items(Map<?, ?> map) {
    var pairs = new ArrayList<@Nullable Object>();
    map.forEach((key, value) -> pairs.add(Filters.pair(Text.data((String) key), value)));
    return pairs;
  }

  private static List<@Nullable Object> keys(Map<?, ?> map) {
    var keys = new ArrayList<@Nullable Object>();
    map.keySet().forEach(key -> keys.add(Text.data((String) key)));
    return keys;
  }

  private static Optional<Result> ofList(
      List<?> list, String method, List<@Nullable Object> positional, int line)
      throws TemplateException {
    return switch (method) {
      case "index" -> Optional.of(new Result(indexOf(list, positional.getFirst(), line)));
      case "count" -> Optional.of(new Result(count(list, positional.getFirst())));
      case "append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse" ->
          throw new TemplateException(
              "list." + method + " changes the list; the sandbox does not allow it", false, line);
      default -> Optional.empty();
    };
  }

  private static Long indexOf(List<?> list, @Nullable Object wanted, int line)
      throws TemplateException {
    for (int i = 0; i < list.size(); i++) {
      if (Values.equal(list.get(i), wanted)) {
        return (long) i;
      }
    }
    throw new TemplateException("the list has no such item", false, line);
  }

  private static Long count(List<?> list, @Nullable Object wanted) {
    return list.stream().filter(item -> Values.equal(item, wanted)).count();
  }
}
