package io.baton.kvrouter;

import java.util.Arrays;

/**
 * Finds how many leading blocks of one prompt each worker rank holds.
 *
 * <p>A sequence hash names a whole prefix and engines evict from the tail, so who holds block
 * <i>i</i> holds all before it: the first block and the last one are looked up, and then only the
 * places where ranks drop out are narrowed down by halves. That takes about log2(blocks) lookups
 * for each different overlap instead of one for each block. All places are halved in step, so that
 * their lookups do not wait for each other: an index of millions of blocks is not in the
 * processor's caches. Engines that may drop a block and keep its children need every block looked
 * up.
 *
 * <p>Allocates nothing once it has seen prompts and fleets of that size.
 */
final class OverlapSearch {
  /** Adds the holders of a block to a set. */
  @FunctionalInterface
  interface Holders {
    /** Adds to the set that lies in {@code words} words from {@code at} on. */
    void addTo(long hash, long[] into, int at, int words);

    /**
     * Reads what {@link #addTo} will have to wait for, without waiting: calls for several blocks
     * wait for memory together. The result means nothing, but must be used.
     */
    default long anticipate(long hash) {
      return 0;
    }
  }

  private long[] sequence = new long[0];
  private int blocks;
  private long[] candidates = new long[0];
  private boolean everyBlock;

  private int words;
  private long[] found = new long[0];
  private Places places = new Places();
  private Places halved = new Places();

  /** Written so that reading ahead is not optimised away. */
  @SuppressWarnings("unused")
  private long anticipated;

  /** A search that may be used again and again, by one thread at a time. */
  OverlapSearch() {}

  /**
   * Places where ranks drop out: those of a place hold block {@code low} and not block {@code
   * high}. No rank is at two places.
   */
  private static final class Places {
    int count;
    int[] low = new int[0];
    int[] high = new int[0];

    /** {@code [place, word]}. */
    long[] ranks = new long[0];

    void reserve(int most, int words) {
      count = 0;
      if (low.length < most) {
        low = new int[most];
        high = new int[most];
      }
      if (ranks.length < most * words) {
        ranks = new long[most * words];
      }
    }
  }

  /**
   * Prepares a search.
   *
   * @param newSequence the prompt's sequence hashes
   * @param count how many of them there are
   * @param ranks to look for
   * @param every whether a rank may hold a block without those before it
   */
  OverlapSearch over(long[] newSequence, int count, long[] ranks, boolean every) {
    sequence = newSequence;
    blocks = count;
    candidates = ranks;
    everyBlock = every;
    words = ranks.length;
    int most = Math.min(Long.SIZE * words, Math.max(1, count));
    if (found.length < most * words) {
      found = new long[most * words];
    }
    places.reserve(most, words);
    halved.reserve(most, words);
    return this;
  }

  /**
   * Leading blocks of the prompt that each rank holds.
   *
   * @param into by bit of the rank; entries of all candidates must be 0 before
   * @return whether any of them holds the first block
   */
  boolean search(Holders holders, int[] into) {
    if (blocks == 0) {
      return false;
    }
    return everyBlock ? walk(holders, into) : bisect(holders, into);
  }

  private boolean walk(Holders holders, int[] into) {
    long[] still = places.ranks;
    System.arraycopy(candidates, 0, still, 0, words);
    boolean any = true;
    for (int block = 0; block < blocks && any; block++) {
      lookUp(holders, block, 0);
      any = false;
      for (int word = 0; word < words; word++) {
        assign(word, still[word] & ~found[word], block, into);
        still[word] &= found[word];
        any |= still[word] != 0;
      }
    }
    for (int word = 0; word < words; word++) {
      assign(word, still[word], blocks, into);
    }
    return true;
  }

  private boolean bisect(Holders holders, int[] into) {
    lookUp(holders, 0, 0);
    long[] first = places.ranks;
    boolean any = false;
    for (int word = 0; word < words; word++) {
      first[word] = candidates[word] & found[word];
      any |= first[word] != 0;
    }
    if (!any) {
      return false;
    }
    lookUp(holders, blocks - 1, 0);
    for (int word = 0; word < words; word++) {
      assign(word, first[word] & found[word], blocks, into);
    }
    halved.count = 0;
    keep(0, 0, 0, blocks - 1, into);
    swap();
    narrow(holders, into);
    return true;
  }

  /** Halves all places until each is between two neighbouring blocks. */
  private void narrow(Holders holders, int[] into) {
    while (places.count > 0) {
      anticipate(holders);
      Arrays.fill(found, 0, places.count * words, 0);
      for (int i = 0; i < places.count; i++) {
        holders.addTo(sequence[middle(i)], found, i * words, words);
      }
      halved.count = 0;
      for (int i = 0; i < places.count; i++) {
        halve(i, into);
      }
      swap();
    }
  }

  private void anticipate(Holders holders) {
    long read = 0;
    for (int i = 0; i < places.count; i++) {
      read += holders.anticipate(sequence[middle(i)]);
    }
    anticipated = read;
  }

  private int middle(int place) {
    return (places.low[place] + places.high[place]) >>> 1;
  }

  private void swap() {
    Places done = places;
    places = halved;
    halved = done;
  }

  /**
   * Makes two places of one: of the ranks that hold the block in the middle and of those that do
   * not. Who held a later block when that was looked up is not asked again, even if it is gone now.
   */
  private void halve(int place, int[] into) {
    int low = places.low[place];
    int high = places.high[place];
    int middle = middle(place);
    keep(place, 0, low, middle, into);
    keep(place, -1, middle, high, into);
  }

  /**
   * Keeps those ranks of a place that were found, or that were not; where no block lies between,
   * their overlap is known.
   *
   * @param flip 0 for those that were not found, -1 for those that were
   */
  private void keep(int place, long flip, int low, int high, int[] into) {
    int from = place * words;
    int to = halved.count * words;
    long any = 0;
    for (int word = 0; word < words; word++) {
      long kept = places.ranks[from + word] & (flip ^ ~found[from + word]);
      halved.ranks[to + word] = kept;
      any |= kept;
    }
    if (high - low <= 1) {
      for (int word = 0; word < words; word++) {
        assign(word, halved.ranks[to + word], high, into);
      }
    } else if (any != 0) {
      halved.low[halved.count] = low;
      halved.high[halved.count] = high;
      halved.count++;
    }
  }

  private void lookUp(Holders holders, int block, int at) {
    Arrays.fill(found, at, at + words, 0);
    holders.addTo(sequence[block], found, at, words);
  }

  /** Notes an overlap for the ranks of one word. */
  private static void assign(int word, long ranks, int overlap, int[] into) {
    for (long bits = ranks; bits != 0; bits &= bits - 1) {
      into[Long.SIZE * word + Long.numberOfTrailingZeros(bits)] = overlap;
    }
  }
}
