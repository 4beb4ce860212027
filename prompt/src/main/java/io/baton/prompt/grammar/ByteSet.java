package io.baton.prompt.grammar;

/** An immutable set of byte values. */
record ByteSet(long a, long b, long c, long d) {
  static ByteSet range(int from, int to) {
    long[] words = new long[4];
    for (int value = from; value <= to; value++) {
      words[value >> 6] |= 1L << value;
    }
    return new ByteSet(words[0], words[1], words[2], words[3]);
  }

  boolean has(int value) {
    long word =
        switch (value >> 6) {
          case 0 -> a;
          case 1 -> b;
          case 2 -> c;
          default -> d;
        };
    return (word >>> value & 1) != 0;
  }

  ByteSet or(ByteSet other) {
    return new ByteSet(a | other.a, b | other.b, c | other.c, d | other.d);
  }

  boolean isEmpty() {
    return (a | b | c | d) == 0;
  }
}
