package io.baton.prompt.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a template does. */
sealed interface Statement {
  record Write(Text text) implements Statement {}

  record Print(Expression value, int line) implements Statement {}

  record If(List<Map.Entry<Expression, List<Statement>>> branches, List<Statement> otherwise)
      implements Statement {}

  record For(
      List<String> targets,
      Expression items,
      Optional<Expression> filter,
      List<Statement> body,
      List<Statement> otherwise,
      int line)
      implements Statement {}

  /** {@code set a, b = value}. */
  record SetNames(List<String> names, Expression value, int line) implements Statement {}

  /** {@code set ns.attribute = value}. */
  record SetAttribute(String namespace, String attribute, Expression value, int line)
      implements Statement {}

  /** {@code set name}...{@code endset}. */
  record SetBlock(String name, List<Statement> body) implements Statement {}

  record Macro(
      String name, List<String> parameters, Map<String, Expression> defaults, List<Statement> body)
      implements Statement {}

  /** Statements in their own right, such as those between {@code generation} tags. */
  record Block(List<Statement> body) implements Statement {}

  record Break() implements Statement {}

  record Continue() implements Statement {}
}
