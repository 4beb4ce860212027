package io.baton.gateway.fleet;

import io.baton.kvrouter.Reservation;
import io.baton.kvrouter.WorkerRank;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * This gateway's legs on the workers of a pool, held against what each worker says it works on. A
 * leg that its worker had and has no more is over there, whatever is still on its way to the
 * client: its load is given back. Nothing is given back by age. Safe for use by many threads.
 */
final class LiveLegs {
  private static final class Sent {
    final Reservation reservation;
    boolean seen;

    Sent(Reservation reservation) {
      this.reservation = reservation;
    }
  }

  private final Map<WorkerRank, Map<String, Sent>> legs = new HashMap<>();
  private long gone;

  /** A leg goes to a worker under this id. */
  synchronized void began(WorkerRank worker, String requestId, Reservation reservation) {
    legs.computeIfAbsent(worker, w -> new HashMap<>()).put(requestId, new Sent(reservation));
  }

  /** A leg has ended here. */
  synchronized void ended(WorkerRank worker, String requestId) {
    Map<String, Sent> there = legs.get(worker);
    if (there != null) {
      there.remove(requestId);
      if (there.isEmpty()) {
        legs.remove(worker);
      }
    }
  }

  /**
   * A heartbeat.
   *
   * @param live ids of all requests that the worker works on
   * @return how many of them are this gateway's, on that rank
   */
  synchronized int heard(WorkerRank worker, Set<String> live) {
    Map<String, Sent> there = legs.getOrDefault(worker, Map.of());
    int counted = 0;
    for (Iterator<Map.Entry<String, Sent>> all = there.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<String, Sent> leg = all.next();
      Sent sent = leg.getValue();
      if (live.contains(leg.getKey())) {
        sent.seen = true;
        counted++;
      } else if (sent.seen) {
        // One that was never seen may be on its way still.
        sent.reservation.release();
        gone++;
        all.remove();
      }
    }
    return counted;
  }

  /** A worker is gone; its legs end by themselves. */
  synchronized void left(WorkerRank worker) {
    legs.remove(worker);
  }

  /** Legs whose load was given back because their workers said that they were gone. */
  synchronized long gone() {
    return gone;
  }
}
