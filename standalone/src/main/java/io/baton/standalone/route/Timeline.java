package io.baton.standalone.route;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Virtual time: what is to happen when, in a fixed order. */
final class Timeline {
  /** What goes first among things of one moment: what ends makes room for what begins. */
  enum Order {
    END,
    BEGIN
  }

  private record Entry(long nanos, Order order, long number, Runnable action) {}

  private final PriorityQueue<Entry> entries =
      new PriorityQueue<>(
          Comparator.comparingLong(Entry::nanos)
              .thenComparing(Entry::order)
              .thenComparingLong(Entry::number));

  private long nowNanos;
  private long entered;

  long nowNanos() {
    return nowNanos;
  }

  void at(long nanos, Order order, Runnable action) {
    entries.add(new Entry(nanos, order, entered++, action));
  }

  /** Runs until nothing is left to happen. */
  void run() {
    for (Entry entry = entries.poll(); entry != null; entry = entries.poll()) {
      nowNanos = entry.nanos;
      entry.action.run();
    }
  }
}
