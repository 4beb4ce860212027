package io.baton.kvrouter;

/**
 * One shard of the index: which worker ranks hold which block, in which tier. One writer at a time
 * (it holds the index's lock), any number of readers, who never wait.
 *
 * <p>Bounded: at its limit, a new block takes the place of one that neither an event nor a lookup
 * has touched lately (second chance). A forgotten block only makes overlaps look shorter.
 */
final class BlockTable {
  private static final int FIRST_ROWS = 64;

  /** Share of rows in use, tombstones included, that makes a table be rebuilt. */
  private static final double FULL = 0.75;

  /** Share of rows with blocks in a table that holds its limit. */
  private static final double LOAD_AT_LIMIT = 0.6;

  private final CacheSlots slots;
  private final Holdings holdings;
  private final int limit;
  private final int mostRows;

  private volatile BlockRows rows;

  /** Rows with a hash, tombstones included. */
  private int used;

  private int blocks;
  private long evictions;
  private int clockHand;

  /**
   * An empty table.
   *
   * @param limit most blocks in it, at least 1
   */
  BlockTable(CacheSlots slots, Holdings holdings, int limit) {
    this.slots = slots;
    this.holdings = holdings;
    this.limit = limit;
    this.mostRows = Math.max(FIRST_ROWS, (int) Math.ceil(limit / LOAD_AT_LIMIT));
    this.rows = new BlockRows(Math.min(FIRST_ROWS, mostRows), 1, slots.live().length);
  }

  /**
   * Adds the holders of a block to a set. Never waits.
   *
   * @param planes how many tiers count, fastest first
   * @param into one bit per {@link CacheSlot}, in {@code wanted} words from {@code at} on; bits of
   *     ranks that are gone may be among them
   */
  void addHolders(long hash, int planes, long[] into, int at, int wanted) {
    BlockRows r = rows;
    int row = r.find(BlockRows.nonZero(hash));
    if (row < 0) {
      return;
    }
    r.touch(row);
    int words = Math.min(r.words, wanted);
    for (int plane = Math.min(planes, r.planes) - 1; plane >= 0; plane--) {
      for (int word = 0; word < words; word++) {
        into[at + word] |= r.bits(row, plane, word);
      }
    }
  }

  /** See {@link OverlapSearch.Holders#anticipate}. */
  long anticipate(long hash) {
    return rows.anticipate(BlockRows.nonZero(hash));
  }

  /** Whether a rank holds a block in any tier. */
  boolean holds(long hash, CacheSlot slot) {
    BlockRows r = rows;
    int row = r.find(BlockRows.nonZero(hash));
    if (row < 0 || slot.word() >= r.words) {
      return false;
    }
    for (int plane = 0; plane < r.planes; plane++) {
      if ((r.bits(row, plane, slot.word()) & slot.mask()) != 0) {
        return true;
      }
    }
    return false;
  }

  /** A rank holds a block now; says whether that is news. The caller counts it. */
  boolean add(long hash, int plane, CacheSlot slot) {
    if (plane >= rows.planes || slot.word() >= rows.words) {
      rebuild(Math.max(rows.planes, plane + 1), Math.max(rows.words, slots.live().length));
    }
    int row = rowFor(BlockRows.nonZero(hash));
    rows.touch(row);
    long before = rows.bits(row, plane, slot.word());
    long after = before | slot.mask();
    if (after == before) {
      return false;
    }
    rows.setBits(row, plane, slot.word(), after);
    return true;
  }

  /** A rank holds a block no more; says whether it did. The caller counts it. */
  boolean remove(long hash, int plane, CacheSlot slot) {
    BlockRows r = rows;
    int row = r.find(BlockRows.nonZero(hash));
    if (row < 0 || plane >= r.planes || slot.word() >= r.words) {
      return false;
    }
    long before = r.bits(row, plane, slot.word());
    long after = before & ~slot.mask();
    if (after == before) {
      return false;
    }
    r.setBits(row, plane, slot.word(), after);
    if (after == 0 && r.isEmpty(row)) {
      blocks--;
    }
    return true;
  }

  /** Clears the bits of ranks that are gone. */
  void sweep() {
    for (int row = 0; row < rows.capacity; row++) {
      if (rows.hashAt(row) != 0) {
        clearDead(row);
      }
    }
  }

  int blocks() {
    return blocks;
  }

  long evictions() {
    return evictions;
  }

  long bytes() {
    return rows.bytes();
  }

  /** The row of a hash, made if need be, with room for it. */
  private int rowFor(long hash) {
    int row = rows.findOrFree(hash);
    if (row >= 0 && !rows.isEmpty(row)) {
      return row;
    }
    if (blocks >= limit) {
      evictOne();
    }
    if (row < 0 && used + 1 > FULL * rows.capacity) {
      rebuild(rows.planes, rows.words);
      row = rows.findOrFree(hash);
    }
    if (row < 0) {
      row = ~row;
      rows.take(row, hash);
      used++;
    }
    blocks++;
    return row;
  }

  /**
   * Frees one block: the first after the clock hand that was not touched since the hand's last
   * turn.
   */
  private void evictOne() {
    while (true) {
      int row = clockHand;
      clockHand = clockHand + 1 == rows.capacity ? 0 : clockHand + 1;
      if (rows.hashAt(row) == 0 || rows.isEmpty(row)) {
        continue;
      }
      if (clearDead(row)) {
        return;
      }
      if (!rows.untouch(row)) {
        forget(row);
        return;
      }
    }
  }

  private void forget(int row) {
    for (int plane = 0; plane < rows.planes; plane++) {
      for (int word = 0; word < rows.words; word++) {
        for (long bits = rows.bits(row, plane, word); bits != 0; bits &= bits - 1) {
          holdings.changed(Long.SIZE * word + Long.numberOfTrailingZeros(bits), -1);
        }
        rows.setBits(row, plane, word, 0);
      }
    }
    blocks--;
    evictions++;
  }

  /** Clears the bits of ranks that are gone; says whether that emptied the row. */
  private boolean clearDead(int row) {
    long[] live = slots.live();
    boolean changed = false;
    for (int plane = 0; plane < rows.planes; plane++) {
      for (int word = 0; word < rows.words; word++) {
        long before = rows.bits(row, plane, word);
        long after = before & live[word];
        if (after != before) {
          rows.setBits(row, plane, word, after);
          changed = true;
        }
      }
    }
    if (changed && rows.isEmpty(row)) {
      blocks--;
      return true;
    }
    return false;
  }

  /** Copies what is alive into new memory: without tombstones, larger if it is still crowded. */
  private void rebuild(int planes, int words) {
    BlockRows old = rows;
    sweep();
    boolean crowded = blocks > old.capacity / 2;
    int capacity = crowded ? Math.min(2 * old.capacity, mostRows) : old.capacity;
    BlockRows fresh = new BlockRows(capacity, planes, words);
    int copied = 0;
    for (int row = 0; row < old.capacity; row++) {
      long hash = old.hashAt(row);
      if (hash != 0 && !old.isEmpty(row)) {
        copy(old, row, fresh, ~fresh.findOrFree(hash));
        copied++;
      }
    }
    used = copied;
    // Rows lie in the order of their hashes, so the hand keeps its place among them.
    clockHand = (int) ((long) clockHand * fresh.capacity / old.capacity);
    rows = fresh;
  }

  private static void copy(BlockRows from, int row, BlockRows to, int target) {
    to.take(target, from.hashAt(row));
    for (int plane = 0; plane < from.planes; plane++) {
      for (int word = 0; word < from.words; word++) {
        to.setBits(target, plane, word, from.bits(row, plane, word));
      }
    }
    if (from.isTouched(row)) {
      to.touch(target);
    }
  }

  /** Is told when ranks lose blocks to eviction, and by the index when they gain or lose any. */
  @FunctionalInterface
  interface Holdings {
    void changed(int bit, long by);
  }
}
