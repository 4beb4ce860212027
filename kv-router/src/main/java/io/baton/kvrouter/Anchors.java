package io.baton.kvrouter;

/**
 * Which blocks of a prompt are predicted. Not every one: a prompt of 2,048 blocks would cost more
 * to predict than to route. Every so many tokens one, and all after the last of those, so that the
 * same prompt again is recognised to the last block, and one that goes its own way half-way is
 * taken to share a little less than it does.
 */
final class Anchors {
  private static final int TOKENS_BETWEEN = 512;

  private Anchors() {}

  /** Blocks from one anchor to the next. */
  static int stride(int blockSize) {
    return Math.max(1, TOKENS_BETWEEN / blockSize);
  }

  /** Anchors of a prompt: its first block and every so many blocks one. */
  static int count(int blocks, int stride) {
    return Math.ceilDiv(blocks, stride);
  }

  /** The anchors of a prompt, then the blocks after the last of them. */
  static long[] of(long[] sequence, int stride) {
    int count = count(sequence.length, stride);
    if (count == 0) {
      return new long[0];
    }
    int last = (count - 1) * stride;
    long[] chosen = new long[count + sequence.length - 1 - last];
    for (int i = 0; i < count; i++) {
      chosen[i] = sequence[i * stride];
    }
    System.arraycopy(sequence, last + 1, chosen, count, sequence.length - 1 - last);
    return chosen;
  }
}
