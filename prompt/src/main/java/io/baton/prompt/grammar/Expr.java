package io.baton.prompt.grammar;

import java.util.List;

/**
 * A language over bytes. Equal expressions of one {@link Exprs} are the same object, so expressions
 * serve as the states of an automaton: what may follow is itself an expression.
 */
final class Expr {
  /** Shape and parts; what makes two expressions equal. */
  sealed interface Shape {}

  /** Nothing at all, not even the empty text. */
  record Nothing() implements Shape {}

  /** The empty text. */
  record Empty() implements Shape {}

  /** One byte of a set. */
  record Bytes(ByteSet set) implements Shape {}

  /** One after the other; {@code first} is no sequence itself. */
  record Sequence(Expr first, Expr rest) implements Shape {}

  /** Any of these, at least two, by rising id. */
  record Choice(List<Expr> options) implements Shape {}

  /** So many times; {@code max} below 0: without end. */
  record Repeat(Expr body, int min, int max) implements Shape {}

  /** What a rule says, looked up when it is needed: how recursion is written. */
  record Rule(int number) implements Shape {}

  final int id;
  final Shape shape;
  final boolean nullable;

  Expr(int id, Shape shape, boolean nullable) {
    this.id = id;
    this.shape = shape;
    this.nullable = nullable;
  }

  // Equality is identity: Exprs makes each expression once.
}
