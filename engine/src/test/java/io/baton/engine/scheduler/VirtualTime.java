package io.baton.engine.scheduler;

import io.baton.engine.backend.sim.SimClock;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A clock that only moves when told to, and what is to happen at given times. */
final class VirtualTime implements SimClock {
  private record Event(long at, long order, Runnable action) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
  private long now;
  private long order;

  long now() {
    return now;
  }

  @Override
  public void pass(long nanos) {
    now += nanos;
  }

  void after(long nanos, Runnable action) {
    events.add(new Event(now + nanos, order++, action));
  }

  /** Does everything whose time has come. */
  void runDue() {
    while (!events.isEmpty() && events.peek().at() <= now) {
      events.poll().action().run();
    }
  }

  boolean hasEvents() {
    return !events.isEmpty();
  }

  /** Moves on to the next event. */
  void skipToNext() {
    Event next = events.peek();
    if (next != null) {
      now = Math.max(now, next.at());
    }
  }
}
