package io.baton.kvrouter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the caches of some worker ranks hold of one prompt.
 *
 * <p>A rank's figures count only while its cache slot is the one that was asked for: if its cache
 * was forgotten between lookup and choice, it holds nothing.
 */
final class CacheMatches {
  private final List<RankState> ranks;
  private final @Nullable CacheSlot[] asked;

  // Leading blocks by bit of the rank: on the device; there or in host memory; there or on disk;
  // there or predicted. Where no rank uses a tier, its array is the one before.
  private final int[] device;
  private final int[] host;
  private final int[] disk;
  private final int[] expected;

  /**
   * Looks them up.
   *
   * @param ranks to look for
   * @param sequence the prompt's sequence hashes
   * @param holesPossible see {@link RouterSettings#holesPossible()}
   */
  CacheMatches(
      List<RankState> ranks,
      long[] sequence,
      PrefixIndex index,
      Predictions predictions,
      boolean holesPossible) {
    this.ranks = ranks;
    this.asked = new CacheSlot[ranks.size()];
    int words = 1;
    for (int i = 0; i < asked.length; i++) {
      CacheSlot slot = ranks.get(i).cache();
      asked[i] = slot;
      words = slot == null ? words : Math.max(words, slot.word() + 1);
    }
    OverlapSearch search = new OverlapSearch(sequence, bits(words), holesPossible);
    int planes = index.planes();
    int bits = Long.SIZE * words;
    device = new int[bits];
    search.search((hash, into) -> index.addHolders(hash, 1, into), device);
    host = planes > 1 ? new int[bits] : device;
    if (planes > 1) {
      search.search((hash, into) -> index.addHolders(hash, 2, into), host);
    }
    disk = planes > 2 ? new int[bits] : host;
    if (planes > 2) {
      search.search((hash, into) -> index.addHolders(hash, 3, into), disk);
    }
    boolean anyPredicted = !predictions.isEmpty();
    expected = anyPredicted ? new int[bits] : disk;
    if (anyPredicted) {
      search.search(
          (hash, into) -> {
            index.addHolders(hash, planes, into);
            predictions.addHolders(hash, into);
          },
          expected);
    }
  }

  /** Overlap of the rank at this position of the list. */
  Overlap of(int rank) {
    CacheSlot slot = asked[rank];
    if (slot == null || ranks.get(rank).cache() != slot) {
      return Overlap.NONE;
    }
    int bit = slot.bit;
    if (expected[bit] == 0 && disk[bit] == 0) {
      return Overlap.NONE;
    }
    // A slower tier's search ran later: what was evicted meanwhile must not make it negative.
    int upToHost = Math.max(device[bit], host[bit]);
    int upToDisk = Math.max(upToHost, disk[bit]);
    int all = Math.max(upToDisk, expected[bit]);
    return new Overlap(device[bit], upToHost - device[bit], upToDisk - upToHost, all - upToDisk);
  }

  private long[] bits(int words) {
    long[] bits = new long[words];
    for (CacheSlot slot : asked) {
      if (slot != null) {
        bits[slot.word()] |= slot.mask();
      }
    }
    return bits;
  }
}
