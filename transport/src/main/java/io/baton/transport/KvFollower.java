package io.baton.transport;

import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.KvEvents;
import io.baton.proto.v1.SnapshotPage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Follows the cache of one worker rank: a snapshot first, then numbered events; after a gap a
 * snapshot again, with live events kept meanwhile. Guarded by its lock; the listener is called
 * under it, so that changes come in order.
 */
final class KvFollower {
  /** Asks the worker for one page of a snapshot. */
  interface Pages {
    void ask(WorkerAddress worker, int rank, long snapshotId, int page);
  }

  private static final int MAX_BUFFERED_MESSAGES = 10_000;
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final WorkerAddress worker;
  private final int rank;
  private final int blockSize;
  private final FleetListener listener;
  private final Pages pages;
  private final TransportCounters counters;
  private final List<KvEvents> buffered = new ArrayList<>();
  private final List<SnapshotPage> received = new ArrayList<>();
  private boolean inSync;
  private long nextEventId;
  private long askedNanos;
  private long behindFrom;
  private long behindNanos;

  KvFollower(
      WorkerAddress worker,
      int rank,
      int blockSize,
      FleetListener listener,
      Pages pages,
      TransportCounters counters) {
    this.worker = worker;
    this.rank = rank;
    this.blockSize = blockSize;
    this.listener = listener;
    this.pages = pages;
    this.counters = counters;
  }

  /** Forgets what was known and asks for everything. */
  synchronized void restart(long now) {
    inSync = false;
    received.clear();
    askedNanos = now;
    counters.kvSnapshots.increment();
    pages.ask(worker, rank, 0, 0);
  }

  synchronized void onEvents(KvEvents events, long now) {
    if (!inSync) {
      if (buffered.size() >= MAX_BUFFERED_MESSAGES) {
        buffered.clear();
        restart(now);
      }
      buffered.add(events);
    } else if (!apply(events)) {
      counters.kvGaps.increment();
      buffered.clear();
      buffered.add(events);
      restart(now);
    }
  }

  /**
   * Applies what is new in a message.
   *
   * @return false if events between are missing
   */
  private boolean apply(KvEvents events) {
    long first = events.getFirstEventId();
    long after = first + events.getEventsCount();
    if (first > nextEventId) {
      return false;
    }
    if (after > nextEventId) {
      int from = (int) (nextEventId - first);
      List<KvEvent> fresh = events.getEventsList().subList(from, events.getEventsCount());
      listener.onKvEvents(worker, rank, blockSize, fresh);
      nextEventId = after;
    }
    return true;
  }

  synchronized void onPage(SnapshotPage page, long now) {
    boolean expected = !inSync && page.getPage() == received.size() && page.getError().isEmpty();
    boolean same =
        received.isEmpty() || received.getFirst().getSnapshotId() == page.getSnapshotId();
    if (!expected || !same) {
      // A late page of an abandoned snapshot, or none to be had: the next tick asks again.
      return;
    }
    received.add(page);
    askedNanos = now;
    if (!page.getLast()) {
      pages.ask(worker, rank, page.getSnapshotId(), page.getPage() + 1);
      return;
    }
    listener.onKvReset(worker, rank);
    for (SnapshotPage part : received) {
      if (part.getStoredCount() > 0) {
        listener.onKvEvents(worker, rank, blockSize, part.getStoredList());
      }
    }
    received.clear();
    inSync = true;
    nextEventId = page.getAsOfEventId() + 1;
    drainBuffer(now);
  }

  private void drainBuffer(long now) {
    var waiting = new ArrayList<>(buffered);
    buffered.clear();
    for (KvEvents events : waiting) {
      if (!apply(events)) {
        counters.kvGaps.increment();
        restart(now);
        return;
      }
    }
  }

  /** Called now and then: an answer may have been lost. */
  synchronized void tick(long now) {
    if (!inSync && now - askedNanos > RETRY_NANOS) {
      restart(now);
    }
  }

  /**
   * A heartbeat tells the number of the last event, so that a lost last event is noticed too. It
   * comes on another connection and may be early: only lagging for a while is a gap.
   */
  synchronized void onPosition(long newestEventId, long now) {
    if (!inSync || newestEventId < nextEventId) {
      behindFrom = 0;
    } else if (behindFrom != nextEventId) {
      behindFrom = nextEventId;
      behindNanos = now;
    } else if (now - behindNanos > RETRY_NANOS) {
      counters.kvGaps.increment();
      restart(now);
    }
  }
}
