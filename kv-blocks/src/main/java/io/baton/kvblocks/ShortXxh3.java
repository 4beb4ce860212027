package io.baton.kvblocks;

/**
 * XXH3-64 of 9 to 16 and of 17 to 128 bytes, the lengths of a link of the chain and of a block of 5
 * to 32 tokens, straight from where the tokens lie. Twice as fast there as the library that serves
 * all other lengths and is its oracle in tests. Follows the algorithm's specification in the xxHash
 * project, section "XXH3 algorithm for small inputs" and "for medium inputs".
 *
 * <p>Immutable and safe for use by many threads.
 */
final class ShortXxh3 {
  static final int LEAST_TOKENS = 5;
  static final int MOST_TOKENS = 32;

  /** The length that most engines have. */
  static final int USUAL_TOKENS = 16;

  private static final long PRIME64_1 = 0x9E37_79B1_85EB_CA87L;
  private static final long PRIME_MX1 = 0x1656_6791_9E37_79F9L;

  /** The first 128 bytes of the default secret, as little-endian words. */
  private static final long[] SECRET = {
    0xbe4b_a423_396c_feb8L, 0x1cad_21f7_2c81_017cL, 0xdb97_9083_e96d_d4deL, 0x1f67_b3b7_a4a4_4072L,
    0x78e5_c0cc_4ee6_79cbL, 0x2172_ffcc_7dd0_5a82L, 0x8e24_43f7_7446_08b8L, 0x4c26_3a81_e690_35e0L,
    0xcb00_c391_bb52_283cL, 0xa32e_531b_8b65_d088L, 0x4ef9_0da2_9748_6471L, 0xd8ac_dea9_46ef_1938L,
    0x3f34_9ce3_3f76_faa8L, 0x1d4f_0bc7_c7bb_dcf9L, 0x3159_b4cd_4be0_518aL, 0x6473_78d9_c97e_9fc8L
  };

  /** The secret with the seed in it: added to even words, taken from odd ones. */
  private final long[] seeded = new long[SECRET.length];

  private final long flipLow;
  private final long flipHigh;

  ShortXxh3(long seed) {
    for (int i = 0; i < seeded.length; i++) {
      seeded[i] = (i & 1) == 0 ? SECRET[i] + seed : SECRET[i] - seed;
    }
    flipLow = (SECRET[3] ^ SECRET[4]) + seed;
    flipHigh = (SECRET[5] ^ SECRET[6]) - seed;
  }

  /** Of sixteen bytes, given as two little-endian words. */
  long ofTwoLongs(long first, long second) {
    long low = first ^ flipLow;
    long high = second ^ flipHigh;
    return avalanche(2 * Long.BYTES + Long.reverseBytes(low) + high + fold(low, high));
  }

  /**
   * Of all blocks of {@link #USUAL_TOKENS}, from the block {@code from} on. With the length known,
   * a processor is kept busy by the arithmetic alone.
   */
  void ofUsual(int[] tokens, long[] into, int from) {
    for (int i = from; i < into.length; i++) {
      int at = USUAL_TOKENS * i;
      into[i] =
          avalanche(
              (PRIME64_1 << 6)
                  + mix(tokens, at + 4, 4)
                  + mix(tokens, at + 8, 6)
                  + mix(tokens, at, 0)
                  + mix(tokens, at + 12, 2));
    }
  }

  /** Of 5 to 32 tokens, each as four bytes, little-endian. */
  long of(int[] tokens, int offset, int count) {
    int end = offset + count;
    long acc = (long) count * Integer.BYTES * PRIME64_1;
    if (count > 8) {
      if (count > 16) {
        if (count > 24) {
          acc += mix(tokens, offset + 12, 12) + mix(tokens, end - 16, 14);
        }
        acc += mix(tokens, offset + 8, 8) + mix(tokens, end - 12, 10);
      }
      acc += mix(tokens, offset + 4, 4) + mix(tokens, end - 8, 6);
    }
    return avalanche(acc + mix(tokens, offset, 0) + mix(tokens, end - 4, 2));
  }

  private long mix(int[] tokens, int at, int word) {
    return fold(twoTokens(tokens, at) ^ seeded[word], twoTokens(tokens, at + 2) ^ seeded[word + 1]);
  }

  private static long twoTokens(int[] tokens, int at) {
    return (tokens[at] & 0xffff_ffffL) | (long) tokens[at + 1] << Integer.SIZE;
  }

  private static long fold(long a, long b) {
    return a * b ^ Math.unsignedMultiplyHigh(a, b);
  }

  private static long avalanche(long hash) {
    long h = (hash ^ hash >>> 37) * PRIME_MX1;
    return h ^ h >>> 32;
  }
}
