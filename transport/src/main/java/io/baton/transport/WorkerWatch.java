package io.baton.transport;

import io.baton.proto.v1.WorkerCard;
import java.util.function.LongSupplier;

/** What the gateway knows of one life of a worker: its card, and how long it has been silent. */
final class WorkerWatch {
  private final WorkerCard card;
  private final WorkerAddress address;
  private final Silence silence;
  private volatile boolean suspect;

  WorkerWatch(WorkerCard card, LongSupplier clock) {
    this.card = card;
    this.address = new WorkerAddress(card.getPool(), card.getWorkerId(), card.getIncarnation());
    this.silence = new Silence(clock);
  }

  void heard() {
    silence.heard();
    suspect = false;
  }

  long silentNanos(long listeningSince) {
    return silence.nanos(listeningSince);
  }

  /** Marks it; says whether it was not marked before. */
  boolean markSuspect() {
    boolean news = !suspect;
    suspect = true;
    return news;
  }

  WorkerAddress address() {
    return address;
  }

  WorkerCard card() {
    return card;
  }
}
