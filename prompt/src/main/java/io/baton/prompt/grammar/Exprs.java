package io.baton.prompt.grammar;

import io.baton.prompt.grammar.Expr.Bytes;
import io.baton.prompt.grammar.Expr.Choice;
import io.baton.prompt.grammar.Expr.Empty;
import io.baton.prompt.grammar.Expr.Nothing;
import io.baton.prompt.grammar.Expr.Repeat;
import io.baton.prompt.grammar.Expr.Rule;
import io.baton.prompt.grammar.Expr.Sequence;
import io.baton.prompt.grammar.Expr.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Makes the expressions of one grammar, simplified so that no expression but {@link #nothing} is
 * without a text, and takes their derivatives: what may follow after one byte. Not thread-safe.
 */
final class Exprs {
  /** Beyond it options are dropped, which narrows the language but leaves every text valid. */
  private static final int MOST_OPTIONS = 2048;

  private final Map<Shape, Expr> known = new HashMap<>();
  private final List<Expr> rules = new ArrayList<>();
  final Expr nothing = intern(new Nothing(), false);
  final Expr empty = intern(new Empty(), true);

  private Expr intern(Shape shape, boolean nullable) {
    Expr found = known.get(shape);
    if (found == null) {
      found = new Expr(known.size(), shape, nullable);
      known.put(shape, found);
    }
    return found;
  }

  /** Expressions made so far. */
  int size() {
    return known.size();
  }

  /** The sets of bytes that occur in any expression. */
  List<ByteSet> byteSets() {
    var sets = new ArrayList<ByteSet>();
    for (Shape shape : known.keySet()) {
      if (shape instanceof Bytes bytes) {
        sets.add(bytes.set());
      }
    }
    return sets;
  }

  Expr bytes(ByteSet set) {
    return set.isEmpty() ? nothing : intern(new Bytes(set), false);
  }

  Expr text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    Expr result = empty;
    for (int i = utf8.length - 1; i >= 0; i--) {
      result = sequence(bytes(ByteSet.range(utf8[i] & 0xFF, utf8[i] & 0xFF)), result);
    }
    return result;
  }

  Expr sequence(Expr first, Expr rest) {
    if (first == nothing || rest == nothing) {
      return nothing;
    }
    if (first == empty) {
      return rest;
    }
    if (rest == empty) {
      return first;
    }
    if (first.shape instanceof Sequence inner) {
      return sequence(inner.first(), sequence(inner.rest(), rest));
    }
    return intern(new Sequence(first, rest), first.nullable && rest.nullable);
  }

  Expr sequence(Expr... parts) {
    Expr result = empty;
    for (int i = parts.length - 1; i >= 0; i--) {
      result = sequence(parts[i], result);
    }
    return result;
  }

  Expr choice(Expr... options) {
    return choice(List.of(options));
  }

  Expr choice(Collection<Expr> options) {
    var flat = new TreeSet<Expr>(Comparator.comparingInt(e -> e.id));
    for (Expr option : options) {
      if (option.shape instanceof Choice inner) {
        flat.addAll(inner.options());
      } else if (option != nothing) {
        flat.add(option);
      }
    }
    while (flat.size() > MOST_OPTIONS) {
      flat.pollLast();
    }
    if (flat.size() < 2) {
      return flat.isEmpty() ? nothing : flat.first();
    }
    boolean nullable = flat.stream().anyMatch(e -> e.nullable);
    return intern(new Choice(List.copyOf(flat)), nullable);
  }

  Expr optional(Expr body) {
    return choice(body, empty);
  }

  Expr many(Expr body) {
    return repeat(body, 0, -1);
  }

  /**
   * A number of times.
   *
   * @param max below 0: without end
   */
  Expr repeat(Expr body, int min, int max) {
    if (max == 0 || body == empty || (body == nothing && min == 0)) {
      return empty;
    }
    if (body == nothing) {
      return nothing;
    }
    if (min == 1 && max == 1) {
      return body;
    }
    int least = body.nullable ? 0 : min;
    return intern(new Repeat(body, least, max), least == 0);
  }

  /** A new rule, whose text is said by {@link #define}. */
  Expr newRule() {
    rules.add(nothing);
    return intern(new Rule(rules.size() - 1), false);
  }

  /** Says what a rule means. */
  void define(Expr rule, Expr body) {
    rules.set(((Rule) rule.shape).number(), body);
  }

  /** What a rule means. */
  Expr meaning(Expr rule) {
    return rules.get(((Rule) rule.shape).number());
  }

  List<Expr> rules() {
    return rules;
  }

  /** What may follow after this byte. */
  Expr after(Expr expr, int value) {
    return switch (expr.shape) {
      case Nothing n -> nothing;
      case Empty e -> nothing;
      case Bytes bytes -> bytes.set().has(value) ? empty : nothing;
      case Rule rule -> after(rules.get(rule.number()), value);
      case Sequence s -> {
        Expr through = sequence(after(s.first(), value), s.rest());
        yield s.first().nullable ? choice(through, after(s.rest(), value)) : through;
      }
      case Choice c -> choice(c.options().stream().map(o -> after(o, value)).toList());
      case Repeat r ->
          sequence(
              after(r.body(), value),
              repeat(r.body(), Math.max(0, r.min() - 1), r.max() < 0 ? -1 : r.max() - 1));
    };
  }
}
