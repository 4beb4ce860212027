package io.baton.engine.scheduler;

/**
 * Guesses what comes next from what came next the last time: where the last tokens stand earlier in
 * the sequence, what followed them is the draft. Remembers the latest place of each n-gram.
 */
final class NgramDrafter {
  private static final int SLOTS = 1 << 12;

  private final int ngram;
  private final int most;
  private final int[] draft;

  /** Place after the latest n-gram with this hash; 0: none. Collisions are found by comparing. */
  private final int[] lastEnd = new int[SLOTS];

  private int indexed;

  NgramDrafter(int ngram, int most) {
    this.ngram = ngram;
    this.most = most;
    this.draft = new int[most];
    this.indexed = ngram;
  }

  int[] draft() {
    return draft;
  }

  /**
   * Drafts up to a number of tokens.
   *
   * @return how many stand in {@link #draft}
   */
  int guess(int[] tokens, int length, int limit) {
    if (length < ngram + 1 || limit <= 0) {
      return 0;
    }
    for (; indexed < length; indexed++) {
      lastEnd[slot(tokens, indexed)] = indexed;
    }
    int at = lastEnd[slot(tokens, length)];
    if (at == 0 || !same(tokens, at, length)) {
      return 0;
    }
    int count = Math.min(Math.min(most, limit), length - at);
    System.arraycopy(tokens, at, draft, 0, count);
    return count;
  }

  private int slot(int[] tokens, int end) {
    int hash = 0;
    for (int i = end - ngram; i < end; i++) {
      hash = (hash ^ tokens[i]) * 0x9e3779b1;
    }
    return (hash >>> 12) & (SLOTS - 1);
  }

  private boolean same(int[] tokens, int a, int b) {
    for (int i = 1; i <= ngram; i++) {
      if (tokens[a - i] != tokens[b - i]) {
        return false;
      }
    }
    return true;
  }
}
