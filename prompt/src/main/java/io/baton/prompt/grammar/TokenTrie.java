package io.baton.prompt.grammar;

import io.baton.prompt.grammar.Grammar.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a vocabulary by their bytes, so that those which fit a grammar's state are found
 * without trying each. Immutable; tokens that stand for no bytes are not in it.
 */
public final class TokenTrie {
  private final byte[][] tokens;

  /** Nodes in depth-first order: each one's byte, its first node beyond it, its tokens. */
  private final byte[] values;

  private final int[] ends;
  private final int[][] ids;

  private TokenTrie(byte[][] tokens, byte[] values, int[] ends, int[][] ids) {
    this.tokens = tokens;
    this.values = values;
    this.ends = ends;
    this.ids = ids;
  }

  /**
   * A trie of a vocabulary.
   *
   * @param tokens the bytes of each token by id; empty for those that stand for nothing
   */
  public static TokenTrie of(byte[][] tokens) {
    Integer[] order = new Integer[tokens.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    Arrays.sort(order, Comparator.comparing(i -> tokens[i], Arrays::compareUnsigned));
    var builder = new Builder();
    for (int id : order) {
      if (tokens[id].length > 0) {
        builder.add(tokens[id], id);
      }
    }
    return builder.build(tokens);
  }

  /** The state after a token; null if no text of the grammar goes on with it. */
  public @Nullable State after(Grammar grammar, State state, int token) {
    if (token < 0 || token >= tokens.length || tokens[token].length == 0) {
      return null;
    }
    State at = state;
    for (byte value : tokens[token]) {
      at = at == null ? null : grammar.next(at, value & 0xFF);
    }
    return at;
  }

  /**
   * Sets the bit of every token that the grammar allows in this state.
   *
   * @return most bytes that any of these tokens leaves to be written at least
   */
  public int allow(Grammar grammar, State state, long[] allowed) {
    return allowWithin(grammar, state, allowed, Integer.MAX_VALUE);
  }

  /**
   * Sets the bit of every token that the grammar allows in this state and that leaves no more than
   * so many bytes to be written at least.
   *
   * @return most bytes that any of these tokens leaves
   */
  public int allowWithin(Grammar grammar, State state, long[] allowed, int mostBytesLeft) {
    State[] path = new State[64];
    path[0] = state;
    return walk(grammar, path, allowed, mostBytesLeft);
  }

  private int walk(Grammar grammar, State[] start, long[] allowed, int mostBytesLeft) {
    int most = 0;
    State[] path = start;
    int[] until = new int[path.length];
    until[0] = values.length;
    int depth = 0;
    int node = 0;
    while (node < values.length) {
      while (node >= until[depth]) {
        depth--;
      }
      State next = grammar.next(path[depth], values[node] & 0xFF);
      if (next == null) {
        node = ends[node];
        continue;
      }
      int left = next.shortestEnd();
      if (ids[node].length > 0 && left <= mostBytesLeft) {
        most = Math.max(most, left);
      }
      for (int id : ids[node]) {
        if (left <= mostBytesLeft && id >> 6 < allowed.length) {
          allowed[id >> 6] |= 1L << id;
        }
      }
      if (++depth == path.length) {
        path = Arrays.copyOf(path, 2 * depth);
        until = Arrays.copyOf(until, 2 * depth);
      }
      path[depth] = next;
      until[depth] = ends[node];
      node++;
    }
    return most;
  }

  /** Takes tokens in the order of their bytes. */
  private static final class Builder {
    private static final int[] NONE = {};
    private final List<int[]> ids = new ArrayList<>();
    private byte[] values = new byte[1024];
    private int[] ends = new int[1024];
    private int[] path = new int[64];
    private byte[] last = {};
    private int size;

    void add(byte[] token, int id) {
      int same = Arrays.mismatch(last, token);
      int shared = same < 0 ? token.length : same;
      close(shared);
      for (int depth = shared; depth < token.length; depth++) {
        if (size == values.length) {
          values = Arrays.copyOf(values, 2 * size);
          ends = Arrays.copyOf(ends, 2 * size);
        }
        if (depth == path.length) {
          path = Arrays.copyOf(path, 2 * depth);
        }
        values[size] = token[depth];
        path[depth] = size;
        ids.add(NONE);
        size++;
      }
      int node = path[token.length - 1];
      int[] more = Arrays.copyOf(ids.get(node), ids.get(node).length + 1);
      more[more.length - 1] = id;
      ids.set(node, more);
      last = token;
    }

    private void close(int depth) {
      for (int i = depth; i < last.length; i++) {
        ends[path[i]] = size;
      }
    }

    TokenTrie build(byte[][] tokens) {
      close(0);
      return new TokenTrie(
          tokens,
          Arrays.copyOf(values, size),
          Arrays.copyOf(ends, size),
          ids.toArray(int[][]::new));
    }
  }
}
