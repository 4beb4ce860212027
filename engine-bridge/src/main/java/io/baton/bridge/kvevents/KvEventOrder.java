package io.baton.bridge.kvevents;

import io.baton.bridge.Engine.KvEventListener;
import io.baton.bridge.Engine.KvSnapshot;
import io.baton.kvblocks.KvEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Puts one publisher's messages into their order, finds out what is missing, and applies them to a
 * mirror. What cannot be had again ends in distrust: everything is forgotten and built up anew, so
 * the mirror may know too little but never what is not so.
 *
 * <p>Messages come on one thread; snapshots may be taken on any.
 */
final class KvEventOrder {
  private static final long NOTHING = -1;

  private final int rank;
  private final KvMirror mirror;
  private final Optional<Replayer> replayer;
  private final KvEventListener listener;
  private final KvFeedCounters counters;
  private final Object lock = new Object();

  /** Last number applied, replayed ones included. */
  private long applied = NOTHING;

  /** Last number that came live; a publisher's numbers only rise, within its life. */
  private long live = NOTHING;

  private boolean lifeUncertain;
  private long lastEventId;

  KvEventOrder(
      int rank,
      KvMirror mirror,
      Optional<Replayer> replayer,
      KvEventListener listener,
      KvFeedCounters counters) {
    this.rank = rank;
    this.mirror = mirror;
    this.replayer = replayer;
    this.listener = listener;
    this.counters = counters;
  }

  /** The connection is there: what was published before is asked for. */
  void connected() {
    if (lifeUncertain) {
      restart();
    }
    if (applied == NOTHING) {
      catchUp(0);
    }
  }

  /** The connection is gone, and perhaps the publisher: its successor would count from 0 again. */
  void disconnected() {
    lifeUncertain = true;
  }

  /**
   * Nothing has come for a while. The last message before a silence may be lost, and nothing after
   * it would show the gap: so it is asked for.
   */
  void silent() {
    if (!lifeUncertain) {
      catchUp(applied + 1);
    }
  }

  /** A message has come. */
  void message(long sequence, byte[] payload) {
    counters.messages.increment();
    if (lifeUncertain || sequence <= live) {
      restart();
    }
    live = sequence;
    if (sequence <= applied) {
      return;
    }
    if (sequence > applied + 1) {
      boolean first = applied == NOTHING;
      if (!first) {
        counters.gaps.increment();
      }
      catchUp(applied + 1);
      if (sequence <= applied) {
        return;
      }
      if (sequence > applied + 1 && !(first && applied == NOTHING)) {
        distrust();
      }
    }
    apply(sequence, payload);
  }

  /** The publisher begins anew, with an empty cache. */
  private void restart() {
    counters.restarts.increment();
    lifeUncertain = false;
    applied = NOTHING;
    live = NOTHING;
    tell(mirror::clear);
  }

  /** Forgets everything; events go on from here. */
  void distrust() {
    counters.distrusts.increment();
    tell(mirror::clear);
  }

  private void catchUp(long from) {
    if (replayer.isEmpty()) {
      return;
    }
    for (Replayer.Message message : replayer.get().from(from)) {
      if (message.sequence() <= applied) {
        continue;
      }
      if (message.sequence() > applied + 1 && applied != NOTHING) {
        distrust();
      }
      counters.replayedMessages.increment();
      apply(message.sequence(), message.payload());
    }
  }

  private void apply(long sequence, byte[] payload) {
    applied = sequence;
    EngineBatch batch;
    try {
      batch = KvEventDecoder.decode(payload);
    } catch (KvFrameException e) {
      counters.bad(e.reason());
      // It may have said that blocks are gone.
      distrust();
      return;
    }
    counters.skippedEvents.add(batch.skipped());
    tell(out -> {
      for (EngineEvent event : batch.events()) {
        mirror.apply(event, out);
        if (event instanceof EngineEvent.Stored stored) {
          counters.blocks.add(stored.hashes().length);
        }
      }
    });
    move(mirror.orphans, counters.orphanBlocks);
    move(mirror.wrongBlockSize, counters.wrongBlockSizes);
  }

  private static void move(LongAdder from, LongAdder to) {
    to.add(from.sumThenReset());
  }

  private interface Change {
    void addTo(List<KvEvent> out);
  }

  /** Numbers and tells in one step, so that a snapshot never lies between the two. */
  private void tell(Change change) {
    synchronized (lock) {
      var out = new ArrayList<KvEvent>();
      change.addTo(out);
      if (!out.isEmpty()) {
        long first = lastEventId + 1;
        lastEventId += out.size();
        listener.onEvents(rank, first, out);
      }
    }
  }

  KvSnapshot snapshot() {
    synchronized (lock) {
      return new KvSnapshot(lastEventId, mirror.snapshot());
    }
  }

  int blocks() {
    synchronized (lock) {
      return mirror.size();
    }
  }
}
