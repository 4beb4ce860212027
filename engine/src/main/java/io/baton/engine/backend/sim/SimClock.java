package io.baton.engine.backend.sim;

import java.util.concurrent.locks.LockSupport;

/** How simulated work passes time. */
@FunctionalInterface
public interface SimClock {
  /** Lets this much time pass; not called for nothing. */
  void pass(long nanos);

  /** The real clock: the calling thread waits. */
  static SimClock real() {
    return nanos -> {
      long end = System.nanoTime() + nanos;
      for (long left = nanos; left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    };
  }
}
