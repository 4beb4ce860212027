package io.baton.engine.backend.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that share the items of one task at a time with the caller. Between tasks they spin
 * briefly and then sleep. The caller waits for items, not for helpers: one that wakes too late
 * costs nothing.
 */
final class WorkerTeam implements AutoCloseable {
  /** About as long as it takes to wake a thread. */
  private static final int SPINS = 3_000;

  private static final int BITS = 20;
  private static final long COUNT = (1L << BITS) - 1;

  private final Thread[] helpers;

  /**
   * Round, items in it and next item, from the top: 24, 20 and 20 bits. Whoever raises the last one
   * owns that item; while an item is owned and not done, the round cannot change.
   */
  private final AtomicLong state = new AtomicLong();

  private final AtomicInteger done = new AtomicInteger();
  private Task task = (item, worker) -> {};
  private volatile boolean closed;

  WorkerTeam(int threads) {
    helpers = new Thread[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      int worker = i + 1;
      helpers[i] =
          Thread.ofPlatform()
              .name("engine-worker-" + worker)
              .daemon()
              .unstarted(() -> helpUntilClosed(worker));
      helpers[i].start();
    }
  }

  /** Work that can be done in any order; items must not depend on each other. */
  @FunctionalInterface
  interface Task {
    /**
     * Does one item.
     *
     * @param worker which worker does it, from 0, to pick scratch space by
     */
    void run(int item, int worker);
  }

  int workers() {
    return helpers.length + 1;
  }

  /** Does all items; returns when all are done. */
  void run(Task newTask, int items) {
    if (helpers.length == 0 || items < 2) {
      runAlone(newTask, items);
      return;
    }
    if (items > COUNT) {
      throw new IllegalArgumentException("items: " + items + " (expected: at most " + COUNT + ")");
    }
    task = newTask;
    done.set(0);
    long round = (state.get() >>> (2 * BITS)) + 1;
    state.set(round << (2 * BITS) | (long) items << BITS);
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
    work(0);
    while (done.get() < items) {
      Thread.onSpinWait();
    }
  }

  /** Does all items on the caller's thread: for less than it takes to wake others. */
  void runAlone(Task newTask, int items) {
    for (int item = 0; item < items; item++) {
      newTask.run(item, 0);
    }
  }

  private void work(int worker) {
    for (long now = state.get(); hasItem(now); now = state.get()) {
      if (state.compareAndSet(now, now + 1)) {
        task.run((int) (now & COUNT), worker);
        done.incrementAndGet();
      }
    }
  }

  private static boolean hasItem(long state) {
    return (state & COUNT) < (state >>> BITS & COUNT);
  }

  private void helpUntilClosed(int worker) {
    int spins = 0;
    while (!closed) {
      if (hasItem(state.get())) {
        work(worker);
        spins = 0;
      } else if (++spins < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
        spins = 0;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
  }
}
