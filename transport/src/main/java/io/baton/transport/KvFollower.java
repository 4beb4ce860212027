package io.baton.transport;

import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.KvEvents;
import io.baton.proto.v1.SnapshotPage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Follows the cache of one worker rank: a snapshot first, then numbered events; after a gap a
 * snapshot again, with live events kept meanwhile. What was known stays in use until the new
 * snapshot is whole. Guarded by its lock; the listener is called under it, so that changes come in
 * order and none after {@link #close}.
 */
final class KvFollower {
  /** Asks the worker for one page of a snapshot. */
  interface Pages {
    void ask(WorkerAddress worker, int rank, long snapshotId, int page);
  }

  private static final int MAX_BUFFERED_MESSAGES = 10_000;

  /** An answer that takes longer is lost. */
  private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Between two snapshots: neither a refusal nor a gap right behind one makes a busy circle. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final WorkerAddress worker;
  private final int rank;
  private final int blockSize;
  private final FleetListener listener;
  private final Pages pages;
  private final TransportCounters counters;
  private final LongSupplier clock;
  private final List<KvEvents> buffered = new ArrayList<>();
  private final List<SnapshotPage> received = new ArrayList<>();
  private boolean inSync;
  private boolean closed;
  private long nextEventId;

  /** Events up to here may still come late: the snapshot overtook them. */
  private long snapshotAsOf;

  private long startedNanos;
  private long askAgainNanos;
  private long behindFrom;
  private long behindNanos;

  KvFollower(
      WorkerAddress worker,
      int rank,
      int blockSize,
      FleetListener listener,
      Pages pages,
      TransportCounters counters,
      LongSupplier clock) {
    this.worker = worker;
    this.rank = rank;
    this.blockSize = blockSize;
    this.listener = listener;
    this.pages = pages;
    this.counters = counters;
    this.clock = clock;
    this.startedNanos = clock.getAsLong() - PAUSE_NANOS;
  }

  /** Asks for everything anew, after a pause if it has just done so. */
  synchronized void restart() {
    inSync = false;
    received.clear();
    long now = clock.getAsLong();
    if (now - startedNanos < PAUSE_NANOS) {
      askAgainNanos = startedNanos + PAUSE_NANOS;
      return;
    }
    startedNanos = now;
    askAgainNanos = now + ANSWER_NANOS;
    counters.kvSnapshots.increment();
    pages.ask(worker, rank, 0, 0);
  }

  synchronized void onEvents(KvEvents events) {
    if (closed) {
      return;
    }
    if (inSync && !apply(events)) {
      counters.kvGaps.increment();
      restart();
    }
    if (!inSync) {
      buffer(events);
    }
  }

  private void buffer(KvEvents events) {
    if (buffered.size() >= MAX_BUFFERED_MESSAGES) {
      // The snapshot under way will be too old for what follows.
      buffered.clear();
      restart();
    }
    buffered.add(events);
  }

  /**
   * Applies what is new in a message.
   *
   * @return false if events between are missing, or if numbers go backwards
   */
  private boolean apply(KvEvents events) {
    long first = events.getFirstEventId();
    long after = first + events.getEventsCount();
    if (first > nextEventId || (first < nextEventId && first > snapshotAsOf)) {
      return false;
    }
    if (after > nextEventId) {
      int from = (int) (nextEventId - first);
      List<KvEvent> fresh = events.getEventsList().subList(from, events.getEventsCount());
      nextEventId = after;
      listener.onKvEvents(worker, rank, blockSize, fresh);
    }
    return true;
  }

  synchronized void onPage(SnapshotPage page) {
    if (closed || inSync) {
      return;
    }
    boolean same =
        received.isEmpty() || received.getFirst().getSnapshotId() == page.getSnapshotId();
    if (!page.getError().isEmpty()) {
      askAgainNanos = Math.min(askAgainNanos, clock.getAsLong() + PAUSE_NANOS);
    } else if (same && page.getPage() == received.size()) {
      received.add(page);
      askAgainNanos = clock.getAsLong() + ANSWER_NANOS;
      if (page.getLast()) {
        replaceAll(page.getAsOfEventId());
      } else {
        pages.ask(worker, rank, page.getSnapshotId(), received.size());
      }
    }
    // Otherwise a late page of an abandoned snapshot.
  }

  private void replaceAll(long asOfEventId) {
    listener.onKvReset(worker, rank);
    for (SnapshotPage part : received) {
      if (part.getStoredCount() > 0) {
        listener.onKvEvents(worker, rank, blockSize, part.getStoredList());
      }
    }
    received.clear();
    inSync = true;
    snapshotAsOf = asOfEventId;
    nextEventId = asOfEventId + 1;
    behindFrom = 0;
    var waiting = new ArrayList<>(buffered);
    buffered.clear();
    waiting.forEach(this::onEvents);
  }

  /** Called now and then while the broker is there: an answer may have been lost. */
  synchronized void tick() {
    if (!inSync && !closed && clock.getAsLong() >= askAgainNanos) {
      restart();
    }
  }

  /**
   * A heartbeat tells the number of the last event, so that a lost last event is noticed too. It
   * comes on another connection and may be early: only lagging for a while is a gap.
   */
  synchronized void onPosition(long newestEventId) {
    if (!inSync || closed || newestEventId < nextEventId) {
      behindFrom = 0;
    } else if (behindFrom != nextEventId) {
      behindFrom = nextEventId;
      behindNanos = clock.getAsLong();
    } else if (clock.getAsLong() - behindNanos > ANSWER_NANOS) {
      counters.kvGaps.increment();
      restart();
    }
  }

  /** Nothing more is told. */
  synchronized void close() {
    closed = true;
    buffered.clear();
    received.clear();
  }
}
