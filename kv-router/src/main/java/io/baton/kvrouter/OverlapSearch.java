package io.baton.kvrouter;

import java.util.Arrays;

/**
 * Finds how many leading blocks of one prompt each worker rank holds.
 *
 * <p>A sequence hash names a whole prefix and engines evict from the tail, so who holds block
 * <i>i</i> holds all before it: the first block and the last one are looked up, and then only the
 * places where ranks drop out are narrowed down by halves. That takes about log2(blocks) lookups
 * for each different overlap instead of one for each block. Engines that may drop a block and keep
 * its children need every block looked up.
 *
 * <p>Allocates nothing once it has seen prompts and fleets of that size.
 */
final class OverlapSearch {
  /** Adds the holders of a block to a set. */
  @FunctionalInterface
  interface Holders {
    void addTo(long hash, long[] into);
  }

  private long[] sequence = new long[0];
  private int blocks;
  private long[] candidates = new long[0];
  private boolean everyBlock;

  private long[] nobody = new long[0];
  private long[] found = new long[0];

  /** {@code [depth of halving][word]}: sets of ranks, see {@link #narrow}. */
  private long[][] sets = new long[0][0];

  /** A search that may be used again and again, by one thread at a time. */
  OverlapSearch() {}

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
    int needed = 2 + (every ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(count));
    if (nobody.length != ranks.length) {
      nobody = new long[ranks.length];
      found = new long[ranks.length];
      sets = new long[needed][ranks.length];
    } else if (sets.length < needed) {
      sets = new long[needed][ranks.length];
    }
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
    if (everyBlock) {
      walk(holders, into);
      return true;
    }
    return bisect(holders, into);
  }

  private void walk(Holders holders, int[] into) {
    long[] still = sets[0];
    long[] left = sets[1];
    System.arraycopy(candidates, 0, still, 0, still.length);
    for (int block = 0; block < blocks && any(still); block++) {
      lookUp(holders, block, still, left);
      assign(still, left, block, into);
      System.arraycopy(left, 0, still, 0, still.length);
    }
    assign(still, nobody, blocks, into);
  }

  private boolean bisect(Holders holders, int[] into) {
    long[] first = sets[0];
    long[] last = sets[1];
    lookUp(holders, 0, candidates, first);
    if (!any(first)) {
      return false;
    }
    lookUp(holders, blocks - 1, first, last);
    assign(last, nobody, blocks, into);
    if (!Arrays.equals(first, last)) {
      narrow(holders, 0, first, blocks - 1, last, 2, into);
    }
    return true;
  }

  /**
   * Assigns the ranks that hold block {@code low} and not block {@code high}.
   *
   * @param atLow who holds {@code low}
   * @param atHigh those of them who hold {@code high}; fewer than {@code atLow}
   * @param level index of the first free set
   */
  private void narrow(
      Holders holders, int low, long[] atLow, int high, long[] atHigh, int level, int[] into) {
    if (high - low == 1) {
      assign(atLow, atHigh, high, into);
      return;
    }
    int middle = (low + high) >>> 1;
    long[] atMiddle = sets[level];
    lookUp(holders, middle, atLow, atMiddle);
    for (int word = 0; word < atMiddle.length; word++) {
      // Who holds a later block held this one when that was looked up, even if it is gone by now.
      atMiddle[word] |= atHigh[word];
    }
    if (!Arrays.equals(atLow, atMiddle)) {
      narrow(holders, low, atLow, middle, atMiddle, level + 1, into);
    }
    if (!Arrays.equals(atMiddle, atHigh)) {
      narrow(holders, middle, atMiddle, high, atHigh, level + 1, into);
    }
  }

  /** Sets {@code into} to those of {@code among} who hold a block. */
  private void lookUp(Holders holders, int block, long[] among, long[] into) {
    Arrays.fill(found, 0);
    holders.addTo(sequence[block], found);
    for (int word = 0; word < into.length; word++) {
      into[word] = among[word] & found[word];
    }
  }

  /** Notes an overlap for those in one set and not in the other. */
  private static void assign(long[] ranks, long[] but, int overlap, int[] into) {
    for (int word = 0; word < ranks.length; word++) {
      long bits = ranks[word] & ~but[word];
      for (; bits != 0; bits &= bits - 1) {
        into[Long.SIZE * word + Long.numberOfTrailingZeros(bits)] = overlap;
      }
    }
  }

  private static boolean any(long[] set) {
    for (long word : set) {
      if (word != 0) {
        return true;
      }
    }
    return false;
  }
}
