package io.baton.kvrouter;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the caches of some worker ranks hold of one prompt. Used again for the next prompt; by one
 * thread at a time.
 *
 * <p>A rank's figures count only while its cache slot is the one that was asked for: if its cache
 * was forgotten between lookup and choice, it holds nothing.
 */
final class CacheMatches {
  private final PrefixIndex index;
  private final Predictions predictions;
  private final OverlapSearch search = new OverlapSearch();
  private final OverlapSearch.Holders onDevice;
  private final OverlapSearch.Holders upToHost;
  private final OverlapSearch.Holders upToDisk;
  private final OverlapSearch.Holders predicted;

  private List<RankState> ranks = List.of();
  private @Nullable CacheSlot[] asked = new CacheSlot[0];
  private long[] wanted = new long[0];

  // Leading blocks by bit of the rank: on the device; there or in host memory; there or on disk.
  // Where no rank uses a tier, its array is the one before.
  private int[] device = new int[0];
  private int[] host = device;
  private int[] disk = device;
  private int[] hostRoom = new int[0];
  private int[] diskRoom = new int[0];

  /** Leading blocks predicted, by bit. */
  private int[] expected = new int[0];

  private long[] anchors = new long[0];
  private boolean nothing;

  CacheMatches(PrefixIndex index, Predictions predictions) {
    this.index = index;
    this.predictions = predictions;
    this.onDevice = index.holders(1);
    this.upToHost = index.holders(2);
    this.upToDisk = index.holders(3);
    this.predicted = predictions::addHolders;
  }

  /**
   * Looks a prompt up.
   *
   * @param among the ranks to look for
   * @param sequence the prompt's sequence hashes
   * @param stride blocks between two anchors of predictions
   * @param holesPossible see {@link RouterSettings#holesPossible()}
   */
  void look(List<RankState> among, long[] sequence, int stride, boolean holesPossible) {
    int bits = Long.SIZE * prepare(among);
    nothing = true;
    device = cleared(device, bits);
    find(onDevice, sequence, sequence.length, holesPossible, device);
    int planes = index.planes();
    host = device;
    if (planes > 1) {
      hostRoom = cleared(hostRoom, bits);
      host = hostRoom;
      find(upToHost, sequence, sequence.length, holesPossible, host);
    }
    disk = host;
    if (planes > 2) {
      diskRoom = cleared(diskRoom, bits);
      disk = diskRoom;
      find(upToDisk, sequence, sequence.length, holesPossible, disk);
    }
    expected = cleared(expected, bits);
    if (!predictions.isEmpty() && sequence.length > 0) {
      findPredicted(sequence, stride, bits);
    }
  }

  /** Notes whom to look for; says how many words their bits take. */
  private int prepare(List<RankState> among) {
    ranks = among;
    if (asked.length != among.size()) {
      asked = new CacheSlot[among.size()];
    }
    int words = 1;
    for (int i = 0; i < asked.length; i++) {
      CacheSlot slot = among.get(i).cache();
      asked[i] = slot;
      words = slot == null ? words : Math.max(words, slot.word() + 1);
    }
    if (wanted.length != words) {
      wanted = new long[words];
    }
    Arrays.fill(wanted, 0);
    for (CacheSlot slot : asked) {
      if (slot != null) {
        wanted[slot.word()] |= slot.mask();
      }
    }
    return words;
  }

  private void find(
      OverlapSearch.Holders holders, long[] blocks, int count, boolean every, int[] into) {
    nothing &= !search.over(blocks, count, wanted, every).search(holders, into);
  }

  /** Anchors first, then the blocks between the last one that counts and the next. */
  private void findPredicted(long[] sequence, int stride, int bits) {
    int count = Anchors.count(sequence.length, stride);
    if (anchors.length < count) {
      anchors = new long[count];
    }
    for (int i = 0; i < count; i++) {
      anchors[i] = sequence[i * stride];
    }
    find(predicted, anchors, count, false, expected);
    if (nothing || stride == 1) {
      return;
    }
    for (CacheSlot slot : asked) {
      if (slot != null && slot.bit < bits && expected[slot.bit] > 0) {
        int first = (expected[slot.bit] - 1) * stride;
        int end = Math.min(first + stride, sequence.length);
        expected[slot.bit] = tail(sequence, first, end, slot);
      }
    }
  }

  /** Leading blocks predicted of a rank that is known to have those up to {@code first}. */
  private int tail(long[] sequence, int first, int end, CacheSlot slot) {
    int low = first;
    int high = end;
    while (high - low > 1) {
      // Most often nothing is there: the next block is asked first, then halves.
      int middle = low == first ? low + 1 : (low + high) >>> 1;
      if (predictions.holds(sequence[middle], slot)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low + 1;
  }

  private static int[] cleared(int[] room, int bits) {
    if (room.length != bits) {
      return new int[bits];
    }
    Arrays.fill(room, 0);
    return room;
  }

  /** Overlap of the rank at this position of the list. */
  Overlap of(int rank) {
    CacheSlot slot = asked[rank];
    if (nothing || slot == null || !slot.equals(ranks.get(rank).cache())) {
      return Overlap.NONE;
    }
    int bit = slot.bit;
    if (expected[bit] == 0 && disk[bit] == 0) {
      return Overlap.NONE;
    }
    // A slower tier's search ran later: what was evicted meanwhile must not make it negative.
    int onHost = Math.max(device[bit], host[bit]);
    int onDisk = Math.max(onHost, disk[bit]);
    int all = Math.max(onDisk, expected[bit]);
    if (!ranks.get(rank).truth.trusted()) {
      return new Overlap(0, 0, 0, expected[bit]);
    }
    return new Overlap(device[bit], onHost - device[bit], onDisk - onHost, all - onDisk);
  }
}
