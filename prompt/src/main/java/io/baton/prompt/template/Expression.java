package io.baton.prompt.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What has a value. */
sealed interface Expression {
  /** A value as written; a text, number, boolean or none. */
  record Constant(@Nullable Object value) implements Expression {}

  record Name(String name, int line) implements Expression {}

  record ListOf(List<Expression> items, boolean tuple) implements Expression {}

  record DictOf(List<Map.Entry<Expression, Expression>> entries) implements Expression {}

  /** {@code target.name} or {@code target[key]}. */
  record Member(Expression target, Expression key, boolean attribute, int line)
      implements Expression {}

  record Slice(
      Expression target,
      Optional<Expression> from,
      Optional<Expression> to,
      Optional<Expression> step,
      int line)
      implements Expression {}

  record Call(Expression target, Arguments arguments, int line) implements Expression {}

  record Filter(Expression input, String name, Arguments arguments, int line)
      implements Expression {}

  record Test(Expression input, String name, Arguments arguments, boolean negated, int line)
      implements Expression {}

  /** {@code not}, {@code -} and {@code +}. */
  record Unary(String operator, Expression operand, int line) implements Expression {}

  record Binary(String operator, Expression left, Expression right, int line)
      implements Expression {}

  /** {@code a < b <= c}: each operand is evaluated once. */
  record Comparison(Expression first, List<Map.Entry<String, Expression>> others, int line)
      implements Expression {}

  record Conditional(Expression condition, Expression then, Optional<Expression> otherwise)
      implements Expression {}

  /** Of a call, filter or test. */
  record Arguments(List<Expression> positional, Map<String, Expression> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());
  }
}
