package io.baton.engine.blocks;

/**
 * Numbers below a limit in the order in which they were added, each at most once. Allocates
 * nothing.
 */
final class RecencyList {
  private final int[] previous;
  private final int[] next;
  private final int end;
  private int size;

  RecencyList(int limit) {
    previous = new int[limit + 1];
    next = new int[limit + 1];
    end = limit;
    previous[end] = end;
    next[end] = end;
    for (int i = 0; i < limit; i++) {
      previous[i] = -1;
    }
  }

  int size() {
    return size;
  }

  boolean contains(int number) {
    return previous[number] >= 0;
  }

  /** The number added longest ago; -1 if there is none. */
  int oldest() {
    return size == 0 ? -1 : next[end];
  }

  void addNewest(int number) {
    previous[number] = previous[end];
    next[number] = end;
    next[previous[end]] = number;
    previous[end] = number;
    size++;
  }

  void remove(int number) {
    next[previous[number]] = next[number];
    previous[next[number]] = previous[number];
    previous[number] = -1;
    size--;
  }
}
