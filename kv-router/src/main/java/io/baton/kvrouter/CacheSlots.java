package io.baton.kvrouter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands out places in the index's bitsets.
 *
 * <p>A place that was given back still has bits in the tables. They do no harm, since nobody asks
 * for them, and are cleared when a table is rebuilt anyway, or all at once when places run out.
 * Only then are places used again. If all are really in use, the bitsets become wider: there is no
 * limit to the number of worker ranks.
 *
 * <p>Safe for use by many threads.
 */
final class CacheSlots {
  private final List<Table> tables = new ArrayList<>();

  /**
   * By bit; an entry is null before its first use. Replaced when it grows, never changed in size.
   */
  private volatile @Nullable CacheSlot[] slots = new CacheSlot[Long.SIZE];

  /** Bitset of the places in use. Replaced on every change, so that readers need no lock. */
  private volatile long[] live = new long[1];

  /** Bitset of places that are neither in use nor swept. */
  private long[] retired = new long[1];

  /** Has every later sweep reach a table. */
  synchronized void attach(Table table) {
    tables.add(table);
  }

  /** A place of which no table has a bit. */
  synchronized CacheSlot claim() {
    int bit = firstFree();
    if (bit < 0) {
      reclaim();
      bit = firstFree();
    }
    if (bit < 0) {
      bit = Long.SIZE * live.length;
      widen();
    }
    CacheSlot slot = new CacheSlot(bit);
    slots[bit] = slot;
    long[] changed = live.clone();
    changed[slot.word()] |= slot.mask();
    live = changed;
    return slot;
  }

  /** Gives a place back; its blocks are forgotten. */
  synchronized void retire(CacheSlot slot) {
    long[] changed = live.clone();
    changed[slot.word()] &= ~slot.mask();
    live = changed;
    retired[slot.word()] |= slot.mask();
  }

  /** Bitset of the places in use; not to be changed. */
  long[] live() {
    return live;
  }

  /** Counts blocks that a place gained or lost. */
  void count(int bit, long change) {
    CacheSlot slot = slots[bit];
    if (slot != null) {
      slot.heldBlocks.addAndGet(change);
    }
  }

  private int firstFree() {
    for (int word = 0; word < live.length; word++) {
      long free = ~(live[word] | retired[word]);
      if (free != 0) {
        return Long.SIZE * word + Long.numberOfTrailingZeros(free);
      }
    }
    return -1;
  }

  private void reclaim() {
    tables.forEach(Table::sweep);
    Arrays.fill(retired, 0);
  }

  private void widen() {
    int words = 2 * live.length;
    slots = Arrays.copyOf(slots, Long.SIZE * words);
    retired = Arrays.copyOf(retired, words);
    live = Arrays.copyOf(live, words);
  }

  /** A table whose bitsets use these places. */
  interface Table {
    /** Clears the bits of all places that are not in use. */
    void sweep();
  }
}
