package io.baton.engine.blocks;

import java.util.Arrays;

/**
 * A map from 64-bit hashes to small non-negative numbers for a known most number of entries. Open
 * addressing with linear probing; allocates nothing after construction.
 */
final class HashIndex {
  static final int NONE = -1;

  private final long[] keys;
  private final int[] values;
  private final int mask;
  private int size;

  HashIndex(int mostEntries) {
    int slots = Integer.highestOneBit(Math.max(4, mostEntries)) * 4;
    keys = new long[slots];
    values = new int[slots];
    mask = slots - 1;
    Arrays.fill(values, NONE);
  }

  int size() {
    return size;
  }

  int get(long key) {
    return values[find(key)];
  }

  void put(long key, int value) {
    int slot = find(key);
    if (values[slot] == NONE) {
      keys[slot] = key;
      size++;
    }
    values[slot] = value;
  }

  void remove(long key) {
    int hole = find(key);
    if (values[hole] == NONE) {
      return;
    }
    size--;
    // Entries behind the hole move up if the hole cuts them off from where probing starts.
    for (int slot = next(hole); values[slot] != NONE; slot = next(slot)) {
      int home = home(keys[slot]);
      boolean reachable = ((slot - home) & mask) < ((slot - hole) & mask);
      if (!reachable) {
        keys[hole] = keys[slot];
        values[hole] = values[slot];
        hole = slot;
      }
    }
    values[hole] = NONE;
  }

  void clear() {
    Arrays.fill(values, NONE);
    size = 0;
  }

  private int find(long key) {
    int slot = home(key);
    while (values[slot] != NONE && keys[slot] != key) {
      slot = next(slot);
    }
    return slot;
  }

  private int home(long key) {
    return (int) ((key * 0x9e3779b97f4a7c15L) >>> 32) & mask;
  }

  private int next(int slot) {
    return (slot + 1) & mask;
  }
}
