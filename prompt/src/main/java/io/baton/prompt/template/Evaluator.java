package io.baton.prompt.template;

import io.baton.prompt.template.Expression.Arguments;
import io.baton.prompt.template.Values.Callable;
import io.baton.prompt.template.Values.Namespace;
import io.baton.prompt.template.Values.Tuple;
import io.baton.prompt.template.Values.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Values of expressions. */
final class Evaluator {
  private final Filters filters = new Filters(this);
  private final Budget budget;

  Evaluator(Budget budget) {
    this.budget = budget;
  }

  @Nullable Object evaluate(Expression expression, Scope scope) throws TemplateException {
    budget.step();
    return switch (expression) {
      case Expression.Constant constant -> constant.value();
      case Expression.Name name -> scope.get(name.name());
      case Expression.ListOf list -> {
        List<@Nullable Object> items = all(list.items(), scope);
        yield list.tuple() ? new Tuple(items) : items;
      }
      case Expression.DictOf dict -> {
        var map = new LinkedHashMap<String, @Nullable Object>();
        for (var entry : dict.entries()) {
          map.put(
              PythonText.str(evaluate(entry.getKey(), scope)).value(),
              evaluate(entry.getValue(), scope));
        }
        yield map;
      }
      case Expression.Member member ->
          member(
              evaluate(member.target(), scope),
              evaluate(member.key(), scope),
              member.attribute(),
              member.line());
      case Expression.Slice slice -> slice(slice, scope);
      case Expression.Call call -> call(call, scope);
      case Expression.Filter filter ->
          filters.apply(
              filter.name(),
              new Filters.Input(
                  evaluate(filter.input(), scope),
                  all(filter.arguments().positional(), scope),
                  named(filter.arguments(), scope),
                  filter.line()));
      case Expression.Test test ->
          Tests.check(
                  test.name(),
                  evaluate(test.input(), scope),
                  all(test.arguments().positional(), scope),
                  test.line())
              != test.negated();
      case Expression.Unary unary -> unary(unary, scope);
      case Expression.Binary binary -> binary(binary, scope);
      case Expression.Comparison comparison -> comparison(comparison, scope);
      case Expression.Conditional conditional -> {
        if (Values.truthy(evaluate(conditional.condition(), scope))) {
          yield evaluate(conditional.then(), scope);
        }
        yield conditional.otherwise().isPresent()
            ? evaluate(conditional.otherwise().get(), scope)
            : new Undefined("the inline if without else");
      }
    };
  }

  private List<@Nullable Object> all(List<Expression> expressions, Scope scope)
      throws TemplateException {
    var values = new ArrayList<@Nullable Object>(expressions.size());
    for (Expression expression : expressions) {
      values.add(evaluate(expression, scope));
    }
    return values;
  }

  private Map<String, @Nullable Object> named(Arguments arguments, Scope scope)
      throws TemplateException {
    var values = new LinkedHashMap<String, @Nullable Object>();
    for (var entry : arguments.named().entrySet()) {
      values.put(entry.getKey(), evaluate(entry.getValue(), scope));
    }
    return values;
  }

  /** {@code target.key} or {@code target[key]}; undefined if it is not there. */
  @Nullable Object member(
      @Nullable Object target, @Nullable Object key, boolean attribute, int line)
      throws TemplateException {
    switch (target) {
      case Undefined undefined ->
          throw new TemplateException("'" + undefined.what() + "' is undefined", false, line);
      case Map<?, ?> map when key instanceof Text name -> {
        if (map.containsKey(name.value())) {
          return map.get(name.value());
        }
      }
      case Namespace namespace when key instanceof Text name -> {
        if (namespace.attributes().containsKey(name.value())) {
          return namespace.attributes().get(name.value());
        }
      }
      case List<?> list when key instanceof Long || key instanceof Boolean -> {
        long index = Values.toLong(key);
        long at = index < 0 ? list.size() + index : index;
        if (at >= 0 && at < list.size()) {
          return list.get((int) at);
        }
      }
      case Text text when key instanceof Long index -> {
        List<@Nullable Object> characters = Values.iterate(text, line);
        return member(characters, index, false, line);
      }
      case null, default -> {
        // Such values have no members.
      }
    }
    return new Undefined(PythonText.str(key).value());
  }

  private Object slice(Expression.Slice slice, Scope scope) throws TemplateException {
    Object target = evaluate(slice.target(), scope);
    if (!(target instanceof List) && !(target instanceof Text)) {
      throw new TemplateException(
          "cannot take a slice of " + Values.kind(target), false, slice.line());
    }
    List<@Nullable Object> items = Values.iterate(target, slice.line());
    long step = bound(slice.step(), 1, scope);
    if (step == 0) {
      throw new TemplateException("slice step cannot be zero", false, slice.line());
    }
    int size = items.size();
    long from = clamp(bound(slice.from(), step > 0 ? 0 : size - 1L, scope), size, step);
    long defaultTo = step > 0 ? size : -size - 1L;
    long to = clamp(bound(slice.to(), defaultTo, scope), size, step);
    var taken = new ArrayList<@Nullable Object>();
    for (long i = from; step > 0 ? i < to : i > to; i += step) {
      taken.add(items.get((int) i));
    }
    if (target instanceof Text) {
      return StringMethods.join(Text.EMPTY, taken, slice.line());
    }
    return target instanceof Tuple ? new Tuple(taken) : taken;
  }

  private long bound(Optional<Expression> expression, long otherwise, Scope scope)
      throws TemplateException {
    if (expression.isEmpty()) {
      return otherwise;
    }
    Object value = evaluate(expression.get(), scope);
    return value == null ? otherwise : Values.toLong(value);
  }

  /** Negative counts from the end; then into the range that Python uses for this direction. */
  private static long clamp(long index, int size, long step) {
    long at = index < 0 ? index + size : index;
    return step > 0 ? Math.clamp(at, 0, size) : Math.clamp(at, -1, size - 1L);
  }

  private @Nullable Object call(Expression.Call call, Scope scope) throws TemplateException {
    List<@Nullable Object> positional = all(call.arguments().positional(), scope);
    Map<String, @Nullable Object> named = named(call.arguments(), scope);
    if (call.target() instanceof Expression.Member method
        && method.key() instanceof Expression.Constant(Text name)) {
      Object target = evaluate(method.target(), scope);
      Optional<Methods.Result> result =
          Methods.call(target, name.value(), positional, named, call.line());
      if (result.isPresent()) {
        return result.get().value();
      }
      return callValue(
          member(target, name, true, method.line()), name.value(), positional, named, call.line());
    }
    String what = call.target() instanceof Expression.Name name ? name.name() : "the value";
    return callValue(evaluate(call.target(), scope), what, positional, named, call.line());
  }

  private @Nullable Object callValue(
      @Nullable Object target,
      String what,
      List<@Nullable Object> positional,
      Map<String, @Nullable Object> named,
      int line)
      throws TemplateException {
    if (target instanceof Callable callable) {
      return callable.call(positional, named);
    }
    throw new TemplateException(
        "'" + what + "' cannot be called: it is " + Values.kind(target), false, line);
  }

  private Object unary(Expression.Unary unary, Scope scope) throws TemplateException {
    Object operand = evaluate(unary.operand(), scope);
    return switch (unary.operator()) {
      case "not" -> !Values.truthy(operand);
      case "-" ->
          operand instanceof Double number
              ? (Object) (-number)
              : Arithmetic.apply("-", 0L, operand, unary.line());
      default -> Arithmetic.apply("+", 0L, operand, unary.line());
    };
  }

  private @Nullable Object binary(Expression.Binary binary, Scope scope) throws TemplateException {
    Object left = evaluate(binary.left(), scope);
    return switch (binary.operator()) {
      case "and" -> Values.truthy(left) ? evaluate(binary.right(), scope) : left;
      case "or" -> Values.truthy(left) ? left : evaluate(binary.right(), scope);
      default ->
          Arithmetic.apply(binary.operator(), left, evaluate(binary.right(), scope), binary.line());
    };
  }

  private boolean comparison(Expression.Comparison comparison, Scope scope)
      throws TemplateException {
    Object left = evaluate(comparison.first(), scope);
    for (var next : comparison.others()) {
      Object right = evaluate(next.getValue(), scope);
      if (!holds(next.getKey(), left, right, comparison.line())) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private static boolean holds(
      String operator, @Nullable Object left, @Nullable Object right, int line)
      throws TemplateException {
    return switch (operator) {
      case "==" -> Values.equal(left, right);
      case "!=" -> !Values.equal(left, right);
      case "in" -> Values.contains(right, left, line);
      case "not in" -> !Values.contains(right, left, line);
      case "<" -> Values.compare(left, right, line) < 0;
      case ">" -> Values.compare(left, right, line) > 0;
      case "<=" -> Values.compare(left, right, line) <= 0;
      default -> Values.compare(left, right, line) >= 0;
    };
  }
}
