package io.baton.prompt.grammar;

import io.baton.prompt.grammar.Expr.Bytes;
import io.baton.prompt.grammar.Expr.Choice;
import io.baton.prompt.grammar.Expr.Empty;
import io.baton.prompt.grammar.Expr.Nothing;
import io.baton.prompt.grammar.Expr.Repeat;
import io.baton.prompt.grammar.Expr.Rule;
import io.baton.prompt.grammar.Expr.Sequence;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How many bytes the shortest text of an expression has. For rules that are all defined. */
final class Shortest {
  private static final int NEVER = 1 << 28;

  private final int[] ofRules;
  private final Map<Expr, Integer> known = new HashMap<>();

  Shortest(List<Expr> rules) {
    ofRules = new int[rules.size()];
    Arrays.fill(ofRules, NEVER);
    boolean changed = true;
    while (changed) {
      changed = false;
      known.clear();
      for (int i = 0; i < ofRules.length; i++) {
        int length = of(rules.get(i));
        changed |= length < ofRules[i];
        ofRules[i] = length;
      }
    }
    known.clear();
  }

  int of(Expr expr) {
    // Literals are long sequences: walked, since they would nest too deeply.
    Deque<Expr> sequences = new ArrayDeque<>();
    Expr at = expr;
    while (at.shape instanceof Sequence s && !known.containsKey(at)) {
      sequences.push(at);
      at = s.rest();
    }
    int length = single(at);
    while (!sequences.isEmpty()) {
      Expr sequence = sequences.pop();
      if (sequence.shape instanceof Sequence s) {
        length = Math.min(NEVER, single(s.first()) + length);
        known.put(sequence, length);
      }
    }
    return length;
  }

  private int single(Expr expr) {
    Integer found = known.get(expr);
    if (found != null) {
      return found;
    }
    int length =
        switch (expr.shape) {
          case Nothing n -> NEVER;
          case Empty e -> 0;
          case Bytes b -> 1;
          case Rule r -> ofRules[r.number()];
          case Choice c -> c.options().stream().mapToInt(this::of).min().orElse(NEVER);
          case Repeat r -> r.min() == 0 ? 0 : (int) Math.min(NEVER, (long) r.min() * of(r.body()));
          case Sequence s -> of(expr);
        };
    known.put(expr, length);
    return length;
  }
}
