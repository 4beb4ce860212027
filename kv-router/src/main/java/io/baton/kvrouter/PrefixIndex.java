package io.baton.kvrouter;

import io.baton.kvblocks.KvTier;

/**
 * Which worker ranks hold which block, by sequence hash. Split into shards, so that many ranks'
 * events can be applied at once and no writer works long on one piece.
 *
 * <p>Lookups never wait. What they say of a rank was true at some moment of the lookup.
 */
final class PrefixIndex implements CacheSlots.Table {
  private static final int MOST_SHARDS = 64;
  private static final int BLOCKS_WORTH_A_SHARD = 4096;

  private final BlockTable[] shards;
  private final int capacity;

  /** How many tiers have been seen; lookups need not ask for more. */
  private volatile int planes = 1;

  /**
   * An empty index.
   *
   * @param holdings is told when a rank gains or loses a block
   * @param capacity most blocks in it, at least 1; rounded up to a multiple of the shards
   */
  PrefixIndex(CacheSlots slots, BlockTable.Holdings holdings, int capacity) {
    int wanted = Math.clamp(capacity / BLOCKS_WORTH_A_SHARD, 1, MOST_SHARDS);
    this.shards = new BlockTable[Integer.highestOneBit(wanted)];
    int blocksAShard = Math.ceilDiv(capacity, shards.length);
    for (int i = 0; i < shards.length; i++) {
      shards[i] = new BlockTable(slots, holdings, blocksAShard);
    }
    this.capacity = blocksAShard * shards.length;
  }

  /** Position of a tier's set in the rows of tables: fastest first, so that planes 0 to n nest. */
  static int plane(KvTier tier) {
    return switch (tier) {
      case DEVICE -> 0;
      case HOST -> 1;
      case DISK -> 2;
    };
  }

  /** See {@link BlockTable#addHolders}. */
  void addHolders(long hash, int planesAsked, long[] into) {
    shard(hash).addHolders(hash, planesAsked, into);
  }

  /** Whether a rank holds a block in any tier. */
  boolean holds(long hash, CacheSlot slot) {
    return shard(hash).holds(hash, slot);
  }

  /** A rank holds a block now; says whether that is news. */
  boolean add(long hash, int plane, CacheSlot slot) {
    if (plane >= planes) {
      seen(plane);
    }
    return shard(hash).add(hash, plane, slot);
  }

  /** A rank holds a block no more; says whether it did. */
  boolean remove(long hash, int plane, CacheSlot slot) {
    return shard(hash).remove(hash, plane, slot);
  }

  @Override
  public void sweep() {
    for (BlockTable shard : shards) {
      shard.sweep();
    }
  }

  int planes() {
    return planes;
  }

  int capacity() {
    return capacity;
  }

  long blocks() {
    long sum = 0;
    for (BlockTable shard : shards) {
      sum += shard.blocks();
    }
    return sum;
  }

  long evictions() {
    long sum = 0;
    for (BlockTable shard : shards) {
      sum += shard.evictions();
    }
    return sum;
  }

  long bytes() {
    long sum = 0;
    for (BlockTable shard : shards) {
      sum += shard.bytes();
    }
    return sum;
  }

  private synchronized void seen(int plane) {
    planes = Math.max(planes, plane + 1);
  }

  /** By the low bits: tables place rows by the high ones. */
  private BlockTable shard(long hash) {
    return shards[(int) hash & (shards.length - 1)];
  }
}
