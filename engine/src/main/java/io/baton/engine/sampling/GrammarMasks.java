package io.baton.engine.sampling;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.baton.bridge.Constraint;
import io.baton.bridge.Constraint.Kind;
import io.baton.prompt.grammar.Grammar;
import io.baton.prompt.grammar.Grammar.State;
import io.baton.prompt.grammar.GrammarException;
import io.baton.prompt.grammar.TokenTrie;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Masks for answers that must follow a schema or an expression. Grammars and the masks of their
 * states are kept, so many of each. {@link #mask} may be called from any thread; the masks belong
 * to the step thread.
 */
public final class GrammarMasks {
  private static final int MOST_GRAMMARS = 64;
  private static final long MASK_BYTES = 64L << 20;

  /** The last of so many equal parts of an answer's tokens are for coming to an end. */
  private static final int CLOSING_PART = 4;

  /**
   * The tokens that a state allows.
   *
   * @param mostLeft most bytes that any of them leaves to be written at least
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Mask(long[] bits, int mostLeft) {}

  /** What is kept: a constraint without how far its answer is. */
  private record Source(Kind kind, String text) {}

  private final TokenTrie trie;
  private final int words;
  private final Cache<Source, Grammar> grammars =
      Caffeine.newBuilder().maximumSize(MOST_GRAMMARS).build();
  private final Cache<State, Mask> masks =
      Caffeine.newBuilder()
          .maximumWeight(MASK_BYTES)
          .<State, Mask>weigher((state, mask) -> 8 * mask.bits().length)
          .executor(Runnable::run)
          .build();
  private final LongAdder compiled = new LongAdder();
  private final LongAdder made = new LongAdder();
  private final LongAdder reused = new LongAdder();
  private final LongAdder narrowed = new LongAdder();

  /** Masks over a vocabulary of a model that has so many logits. */
  public GrammarMasks(TokenTrie trie, int vocabSize) {
    this.trie = trie;
    this.words = (vocabSize + 63) / 64;
  }

  /**
   * The mask for one answer.
   *
   * @param endTokens allowed where the answer may end; at least one
   * @param limit most tokens, prompt and answer
   * @throws GrammarException if the constraint is beyond what is supported
   */
  public TokenMask mask(Constraint constraint, int[] endTokens, int limit) throws GrammarException {
    var source = new Source(constraint.kind(), constraint.text());
    Grammar grammar = grammars.getIfPresent(source);
    if (grammar == null) {
      grammar = compile(source);
      grammars.put(source, grammar);
    }
    return new GrammarMask(this, source, grammar, endTokens, constraint.answered(), limit);
  }

  private Grammar compile(Source source) throws GrammarException {
    compiled.increment();
    return switch (source.kind()) {
      case JSON_SCHEMA -> Grammar.ofSchema(source.text());
      case REGEX -> Grammar.ofRegex(source.text());
      case GRAMMAR -> throw GrammarException.unsupported("grammars", "json_schema or regex");
    };
  }

  /** Counts that only rise, by dotted name. */
  public Map<String, LongSupplier> counters() {
    return Map.of(
        "grammar.compiled", compiled::sum,
        "grammar.masks.made", made::sum,
        "grammar.masks.reused", reused::sum,
        "grammar.masks.narrowed", narrowed::sum);
  }

  /** Tokens of this state, without those that would leave more than so many bytes to be written. */
  private void allow(Grammar grammar, State state, int mostLeft, long[] allowed) {
    Mask known = masks.getIfPresent(state);
    if (known == null) {
      var bits = new long[words];
      known = new Mask(bits, trie.allow(grammar, state, bits));
      masks.put(state, known);
      made.increment();
    } else {
      reused.increment();
    }
    if (known.mostLeft() <= mostLeft) {
      System.arraycopy(known.bits(), 0, allowed, 0, words);
    } else {
      trie.allowWithin(grammar, state, allowed, mostLeft);
      narrowed.increment();
    }
  }

  /** A grammar with few states in place of one that has grown too large. */
  private Grammar renewed(Source key, Grammar old) {
    Grammar current = grammars.getIfPresent(key);
    if (current != null && current != old && !current.crowded()) {
      return current;
    }
    try {
      Grammar fresh = compile(key);
      grammars.put(key, fresh);
      masks.invalidateAll();
      return fresh;
    } catch (GrammarException e) {
      throw new IllegalStateException("what was read once can be read again", e);
    }
  }

  /** Follows one answer; keeps where it was, as a hint only: the tokens decide. */
  private static final class GrammarMask implements TokenMask {
    private final GrammarMasks owner;
    private final Source source;
    private final int[] endTokens;
    private final int answered;
    private final int limit;
    private Grammar grammar;
    private @Nullable State[] states = new State[64];
    private int[] followed = new int[64];

    /** Tokens of the answer whose states are known; {@code states[n]} is after n of them. */
    private int known;

    GrammarMask(
        GrammarMasks owner,
        Source source,
        Grammar grammar,
        int[] endTokens,
        int answered,
        int limit) {
      this.owner = owner;
      this.source = source;
      this.grammar = grammar;
      this.endTokens = endTokens;
      this.answered = answered;
      this.limit = limit;
      states[0] = grammar.start();
    }

    @Override
    public void allow(int[] tokens, int answerFrom, int length, long[] allowed) {
      if (grammar.crowded()) {
        grammar = owner.renewed(source, grammar);
        states[0] = grammar.start();
        known = 0;
      }
      int from = Math.max(0, answerFrom - answered);
      State state = follow(tokens, from, length);
      if (state == null) {
        throw new DeadEndException("the answer so far is none that it must follow");
      }
      owner.allow(grammar, state, mostLeft(state, from, length), allowed);
      if (state.mayEnd()) {
        for (int end : endTokens) {
          allowed[end >> 6] |= 1L << end;
        }
      } else if (isEmpty(allowed)) {
        throw new DeadEndException("no token of the vocabulary can follow in this answer");
      }
    }

    /**
     * Towards the end of its tokens an answer that can still be completed is kept so: a byte is at
     * most a token, and one token is for the end.
     */
    private int mostLeft(State state, int from, int length) {
      int left = limit - length;
      boolean closing = left <= (limit - from) / CLOSING_PART;
      return closing && state.shortestEnd() < left ? left - 2 : Integer.MAX_VALUE;
    }

    private @Nullable State follow(int[] tokens, int from, int length) {
      int count = length - from;
      int same = 0;
      while (same < known && same < count && followed[same] == tokens[from + same]) {
        same++;
      }
      known = same;
      State state = states[known];
      while (known < count && state != null) {
        state = step(state, tokens[from + known]);
      }
      return state;
    }

    private @Nullable State step(State state, int token) {
      if (known + 1 >= states.length) {
        states = Arrays.copyOf(states, 2 * states.length);
        followed = Arrays.copyOf(followed, 2 * followed.length);
      }
      followed[known] = token;
      State next = owner.trie.after(grammar, state, token);
      states[++known] = next;
      return next;
    }

    private static boolean isEmpty(long[] allowed) {
      for (long word : allowed) {
        if (word != 0) {
          return false;
        }
      }
      return true;
    }
  }
}
