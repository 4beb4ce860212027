package io.baton.kvrouter;

import java.util.concurrent.atomic.AtomicLong;

/**
 * One worker rank's place in the bitsets of the index, for as long as what is known of its cache
 * stays valid. Forgetting a cache means taking a new place, which costs nothing.
 */
final class CacheSlot {
  /** Position in every bitset. */
  final int bit;

  /** Blocks that the index counts for it, over all tiers. */
  final AtomicLong heldBlocks = new AtomicLong();

  CacheSlot(int bit) {
    this.bit = bit;
  }

  int word() {
    return bit >>> 6;
  }

  long mask() {
    return 1L << bit;
  }
}
