package io.baton.prompt.grammar;

import io.baton.prompt.grammar.Expr.Choice;
import io.baton.prompt.grammar.Expr.Repeat;
import io.baton.prompt.grammar.Expr.Rule;
import io.baton.prompt.grammar.Expr.Sequence;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Refuses references that could never end, or that lead to themselves without writing anything. */
final class Recursion {
  private final Exprs exprs;
  private final List<Expr> rules;
  private final List<String> names;
  private final Set<Expr> ending = new HashSet<>();

  Recursion(Exprs exprs, List<Expr> rules, List<String> names) {
    this.exprs = exprs;
    this.rules = rules;
    this.names = names;
  }

  void check() throws GrammarException {
    for (int i = 0; i < rules.size(); i++) {
      if (leads(rules.get(i), rules.get(i), new HashSet<>())) {
        throw new GrammarException(names.get(i), "refers to itself and nothing else");
      }
    }
    boolean found = true;
    while (found) {
      found = false;
      Map<Expr, Boolean> seen = new HashMap<>();
      for (int number = 0; number < exprs.rules().size(); number++) {
        Expr body = exprs.rules().get(number);
        found |= ends(body, seen) && ending.add(body);
      }
    }
    for (int i = 0; i < rules.size(); i++) {
      if (!ending.contains(exprs.meaning(rules.get(i)))) {
        throw new GrammarException(names.get(i), "needs itself, so that no value could end");
      }
    }
  }

  /** Whether a rule may begin with the target before any byte is written. */
  private boolean leads(Expr from, Expr target, Set<Expr> seen) {
    if (!seen.add(from)) {
      return false;
    }
    return switch (from.shape) {
      case Rule r -> {
        Expr meaning = exprs.meaning(from);
        yield meaning == target || leads(meaning, target, seen);
      }
      case Choice c -> c.options().stream().anyMatch(o -> o == target || leads(o, target, seen));
      case Sequence s ->
          s.first() == target
              || leads(s.first(), target, seen)
              || (s.first().nullable && (s.rest() == target || leads(s.rest(), target, seen)));
      case Repeat r -> r.body() == target || leads(r.body(), target, seen);
      default -> false;
    };
  }

  private boolean ends(Expr expr, Map<Expr, Boolean> seen) {
    if (expr.nullable || ending.contains(expr)) {
      return true;
    }
    Boolean known = seen.get(expr);
    if (known != null) {
      return known;
    }
    boolean result =
        switch (expr.shape) {
          case Rule r -> ending.contains(exprs.meaning(expr));
          case Choice c -> c.options().stream().anyMatch(o -> ends(o, seen));
          case Sequence s -> ends(s.first(), seen) && ends(s.rest(), seen);
          case Repeat r -> ends(r.body(), seen);
          case Expr.Nothing n -> false;
          default -> true;
        };
    seen.put(expr, result);
    return result;
  }
}
