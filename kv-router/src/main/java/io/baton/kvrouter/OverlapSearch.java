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
 * <p>For one lookup by one thread.
 */
final class OverlapSearch {
  /** Adds the holders of a block to a set. */
  @FunctionalInterface
  interface Holders {
    void addTo(long hash, long[] into);
  }

  private final long[] sequence;
  private final long[] candidates;
  private final boolean everyBlock;

  private final long[] nobody;
  private final long[] found;

  /** {@code [depth of halving][word]}: sets of ranks, see {@link #narrow}. */
  private final long[][] sets;

  /**
   * Prepares a search.
   *
   * @param sequence the prompt's sequence hashes
   * @param candidates the ranks to look for
   * @param everyBlock whether a rank may hold a block without those before it
   */
  OverlapSearch(long[] sequence, long[] candidates, boolean everyBlock) {
    this.sequence = sequence;
    this.candidates = candidates;
    this.everyBlock = everyBlock;
    this.nobody = new long[candidates.length];
    this.found = new long[candidates.length];
    int halvings = everyBlock ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(sequence.length);
    this.sets = new long[2 + halvings][candidates.length];
  }

  /**
   * Leading blocks of the prompt that each rank holds.
   *
   * @param into by bit of the rank; entries of all candidates must be 0 before
   */
  void search(Holders holders, int[] into) {
    if (sequence.length == 0) {
      return;
    }
    if (everyBlock) {
      walk(holders, into);
    } else {
      bisect(holders, into);
    }
  }

  private void walk(Holders holders, int[] into) {
    long[] still = sets[0];
    long[] left = sets[1];
    System.arraycopy(candidates, 0, still, 0, still.length);
    for (int block = 0; block < sequence.length && any(still); block++) {
      lookUp(holders, block, still, left);
      assign(still, left, block, into);
      System.arraycopy(left, 0, still, 0, still.length);
    }
    assign(still, nobody, sequence.length, into);
  }

  private void bisect(Holders holders, int[] into) {
    long[] first = sets[0];
    long[] last = sets[1];
    lookUp(holders, 0, candidates, first);
    if (!any(first)) {
      return;
    }
    lookUp(holders, sequence.length - 1, first, last);
    assign(last, nobody, sequence.length, into);
    if (!Arrays.equals(first, last)) {
      narrow(holders, 0, first, sequence.length - 1, last, 2, into);
    }
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
