package io.baton.kvrouter;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The memory of one {@link BlockTable}: open addressing with linear probing. A row never changes
 * its hash, and a row whose sets are empty stays as a tombstone until the table is rebuilt into new
 * memory; that is why readers need neither lock nor version: what they find under a hash belongs to
 * it.
 */
final class BlockRows {
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int NONE = -1;

  final int capacity;

  /** Sets per row: one for each tier that was ever seen. */
  final int planes;

  /** 64-bit words per set. */
  final int words;

  private final int stride;

  /** {@code [row, 1 + planes * words]}: the hash (0: never used), then the sets of holders. */
  private final long[] cells;

  /** {@code [row]}: 1 if it was of use since the clock hand last passed. Racy on purpose. */
  private final byte[] touched;

  BlockRows(int capacity, int planes, int words) {
    this.capacity = capacity;
    this.planes = planes;
    this.words = words;
    this.stride = 1 + planes * words;
    this.cells = new long[Math.multiplyExact(capacity, stride)];
    this.touched = new byte[capacity];
  }

  /** 0 marks rows without a hash; a block of that hash shares the name of another. */
  static long nonZero(long hash) {
    return hash == 0 ? 1 : hash;
  }

  /** Row of a hash, or -1. */
  int find(long hash) {
    int row = home(hash);
    for (long found; (found = hashAt(row)) != 0; row = next(row)) {
      if (found == hash) {
        return row;
      }
    }
    return NONE;
  }

  /** Reads the memory where a hash most likely is. */
  long anticipate(long hash) {
    int row = home(hash);
    return cells[row * stride] + touched[row];
  }

  /** Row of a hash, or the complement of the free row where it belongs. For the writer. */
  int findOrFree(long hash) {
    int row = home(hash);
    for (long found; (found = hashAt(row)) != 0; row = next(row)) {
      if (found == hash) {
        return row;
      }
    }
    return ~row;
  }

  long hashAt(int row) {
    return (long) CELL.getAcquire(cells, row * stride);
  }

  void take(int row, long hash) {
    CELL.setRelease(cells, row * stride, hash);
  }

  /** One word of a row's set for one tier. */
  long bits(int row, int plane, int word) {
    return (long) CELL.getAcquire(cells, cell(row, plane, word));
  }

  void setBits(int row, int plane, int word, long bits) {
    CELL.setRelease(cells, cell(row, plane, word), bits);
  }

  boolean isEmpty(int row) {
    for (int plane = 0; plane < planes; plane++) {
      for (int word = 0; word < words; word++) {
        if (bits(row, plane, word) != 0) {
          return false;
        }
      }
    }
    return true;
  }

  void touch(int row) {
    if (touched[row] == 0) {
      touched[row] = 1;
    }
  }

  /** Whether the row was of use since the last call. */
  boolean untouch(int row) {
    boolean was = touched[row] != 0;
    touched[row] = 0;
    return was;
  }

  boolean isTouched(int row) {
    return touched[row] != 0;
  }

  long bytes() {
    return (long) cells.length * Long.BYTES + touched.length;
  }

  private int cell(int row, int plane, int word) {
    return row * stride + 1 + plane * words + word;
  }

  private int home(long hash) {
    return (int) Math.unsignedMultiplyHigh(hash, capacity);
  }

  private int next(int row) {
    int next = row + 1;
    return next == capacity ? 0 : next;
  }
}
