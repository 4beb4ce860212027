package io.baton.prompt.grammar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An automaton over bytes whose states are made when they are first reached. What recursion has to
 * come back to is part of a state, so nesting has no limit. Not thread-safe.
 */
public final class Grammar {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_SOURCE = 64 << 10;

  /** States of one grammar; beyond it {@link #crowded} asks for a new one. */
  private static final int MOST_STATES = 4096;

  /** Stands for the absence of a next state, as null stands for one not yet looked up. */
  private static final State DEAD = new State(null, 0, 0);

  private final Exprs exprs;
  private final Shortest shortest;
  private final Map<Expr, State> states = new HashMap<>();
  private final int[] classOf = new int[256];
  private int[] member = {};
  private final State start;

  private Grammar(Exprs exprs, Expr root) {
    this.exprs = exprs;
    divideBytes();
    this.shortest = new Shortest(exprs.rules());
    this.start = state(root);
  }

  /** Where a text may be. States of one grammar are the same objects where they are equal. */
  public static final class State {
    private final @Nullable Expr rest;
    private final @Nullable State[] next;

    private final int shortest;

    private State(@Nullable Expr rest, int shortest, int classes) {
      this.rest = rest;
      this.shortest = shortest;
      this.next = new State[classes];
    }

    /** Whether the text may end here. */
    public boolean mayEnd() {
      return rest != null && rest.nullable;
    }

    /** The fewest bytes with which the text can end; 0 where it may end here. */
    public int shortestEnd() {
      return shortest;
    }
  }

  /**
   * Texts that validate against a schema of the subset that docs/api.md states.
   *
   * @throws GrammarException with the place of what is not in the subset
   */
  public static Grammar ofSchema(String schema) throws GrammarException {
    checkSize(schema);
    JsonNode root;
    try {
      root = JSON.readTree(schema);
    } catch (JsonProcessingException e) {
      throw new GrammarException("#", "not JSON: " + e.getOriginalMessage());
    }
    var exprs = new Exprs();
    return new Grammar(exprs, new SchemaReader(exprs, root).read());
  }

  /**
   * Texts that a regular expression matches as a whole.
   *
   * @throws GrammarException with the place of what is not supported
   */
  public static Grammar ofRegex(String regex) throws GrammarException {
    checkSize(regex);
    var exprs = new Exprs();
    return new Grammar(exprs, new RegexReader(exprs, regex, CodePoints.ALL, "#").whole());
  }

  private static void checkSize(String source) throws GrammarException {
    if (source.length() > MOST_SOURCE) {
      throw new GrammarException("#", "longer than " + MOST_SOURCE + " characters");
    }
  }

  /** Bytes that no expression tells apart share one place in each state. */
  private void divideBytes() {
    List<ByteSet> sets = exprs.byteSets();
    Map<String, Integer> classes = new HashMap<>();
    int[] first = new int[256];
    for (int value = 0; value < 256; value++) {
      var signature = new StringBuilder(sets.size());
      for (ByteSet set : sets) {
        signature.append(set.has(value) ? '1' : '0');
      }
      Integer known = classes.get(signature.toString());
      if (known == null) {
        known = classes.size();
        first[known] = value;
        classes.put(signature.toString(), known);
      }
      classOf[value] = known;
    }
    member = Arrays.copyOf(first, classes.size());
  }

  /** Where every text begins. */
  public State start() {
    return start;
  }

  /** The state after one more byte; null if no text goes on like that. */
  public @Nullable State next(State state, int value) {
    int place = classOf[value];
    State known = state.next[place];
    if (known == null) {
      Expr rest = state.rest == null ? exprs.nothing : exprs.after(state.rest, member[place]);
      known = rest == exprs.nothing ? DEAD : state(rest);
      state.next[place] = known;
    }
    return known == DEAD ? null : known;
  }

  private State state(Expr rest) {
    return states.computeIfAbsent(rest, r -> new State(r, shortest.of(r), member.length));
  }

  /** Whether so many states were made that the grammar should be read anew. */
  public boolean crowded() {
    return states.size() > MOST_STATES;
  }

  /** Whether a text is complete and of this grammar. */
  public boolean accepts(byte[] text) {
    State state = start;
    for (byte value : text) {
      state = next(state, value & 0xFF);
      if (state == null) {
        return false;
      }
    }
    return state.mayEnd();
  }
}
