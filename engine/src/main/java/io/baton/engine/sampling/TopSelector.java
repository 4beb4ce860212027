package io.baton.engine.sampling;

/**
 * Finds the n largest of some values, best first; of equal values the one with the smaller index
 * comes first. Reused; grows to the largest n seen.
 */
final class TopSelector {
  /** Heap of indices, the worst one on top. */
  private int[] heap = new int[64];

  private int size;

  /**
   * Selects.
   *
   * @return how many were found: {@code min(n, count)}; see {@link #index}
   */
  int select(float[] values, int count, int n) {
    int wanted = Math.min(n, count);
    if (heap.length < wanted) {
      heap = new int[Math.max(wanted, 2 * heap.length)];
    }
    size = 0;
    for (int i = 0; i < count; i++) {
      if (size < wanted) {
        heap[size] = i;
        siftUp(values, size++);
      } else if (wanted > 0 && before(values, i, heap[0])) {
        heap[0] = i;
        siftDown(values, size);
      }
    }
    for (int end = size - 1; end > 0; end--) {
      int worst = heap[0];
      heap[0] = heap[end];
      heap[end] = worst;
      siftDown(values, end);
    }
    return size;
  }

  /** Index of the value at this place, 0 for the largest. */
  int index(int place) {
    return heap[place];
  }

  private static boolean before(float[] values, int a, int b) {
    return values[a] > values[b] || (values[a] == values[b] && a < b);
  }

  private void siftUp(float[] values, int at) {
    while (at > 0) {
      int parent = (at - 1) / 2;
      if (!before(values, heap[parent], heap[at])) {
        return;
      }
      swap(at, parent);
      at = parent;
    }
  }

  private void siftDown(float[] values, int end) {
    int at = 0;
    while (true) {
      int worst = at;
      for (int child = 2 * at + 1; child <= 2 * at + 2 && child < end; child++) {
        if (before(values, heap[worst], heap[child])) {
          worst = child;
        }
      }
      if (worst == at) {
        return;
      }
      swap(at, worst);
      at = worst;
    }
  }

  private void swap(int a, int b) {
    int index = heap[a];
    heap[a] = heap[b];
    heap[b] = index;
  }
}
