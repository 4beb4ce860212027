package io.baton.kvrouter;

import io.baton.kvblocks.KvTier;

/**
 * Which worker ranks hold which block, by sequence hash. Split into shards, so that no table takes
 * long to rebuild. One writer at a time, for a piece of an event: a lock for each block would cost
 * as much as the block.
 *
 * <p>Lookups never wait. What they say of a rank was true at some moment of the lookup.
 */
final class PrefixIndex implements CacheSlots.Table {
  private static final int MOST_SHARDS = 64;
  private static final int BLOCKS_WORTH_A_SHARD = 4096;

  private final BlockTable[] shards;
  private final BlockTable.Holdings holdings;
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
    this.holdings = holdings;
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
  void addHolders(long hash, int planesAsked, long[] into, int at, int words) {
    shard(hash).addHolders(hash, planesAsked, into, at, words);
  }

  /** Who holds blocks in so many tiers, fastest first. */
  OverlapSearch.Holders holders(int planesAsked) {
    return new OverlapSearch.Holders() {
      @Override
      public void addTo(long hash, long[] into, int at, int words) {
        addHolders(hash, planesAsked, into, at, words);
      }

      @Override
      public long anticipate(long hash) {
        return shard(hash).anticipate(hash);
      }
    };
  }

  /** Whether a rank holds a block in any tier. */
  boolean holds(long hash, CacheSlot slot) {
    return shard(hash).holds(hash, slot);
  }

  /** A rank holds a block now; says whether that is news. */
  boolean add(long hash, int plane, CacheSlot slot) {
    return addAll(new long[] {hash}, 0, 1, plane, slot) == 1;
  }

  /** A rank holds a block no more; says whether it did. */
  boolean remove(long hash, int plane, CacheSlot slot) {
    return removeAll(new long[] {hash}, 0, 1, plane, slot) == 1;
  }

  /** A rank holds some blocks now; says for how many that is news. */
  synchronized int addAll(long[] hashes, int from, int to, int plane, CacheSlot slot) {
    planes = Math.max(planes, plane + 1);
    int news = 0;
    for (int i = from; i < to; i++) {
      if (shard(hashes[i]).add(hashes[i], plane, slot)) {
        news++;
      }
    }
    holdings.changed(slot.bit, news);
    return news;
  }

  /** A rank holds some blocks no more; says how many of them it did. */
  synchronized int removeAll(long[] hashes, int from, int to, int plane, CacheSlot slot) {
    int gone = 0;
    for (int i = from; i < to; i++) {
      if (shard(hashes[i]).remove(hashes[i], plane, slot)) {
        gone++;
      }
    }
    holdings.changed(slot.bit, -gone);
    return gone;
  }

  @Override
  public synchronized void sweep() {
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

  synchronized long blocks() {
    long sum = 0;
    for (BlockTable shard : shards) {
      sum += shard.blocks();
    }
    return sum;
  }

  synchronized long evictions() {
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

  /** By the low bits: tables place rows by the high ones. */
  private BlockTable shard(long hash) {
    return shards[(int) hash & (shards.length - 1)];
  }
}
