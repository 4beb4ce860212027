package io.baton.transport;

import io.baton.proto.v1.WorkerCard;

/**
 * What the gateway knows of one life of a worker: its card, and when it was heard last. Guarded by
 * the lock of {@link FleetWatch}.
 */
final class WorkerWatch {
  private final WorkerCard card;
  private final WorkerAddress address;
  private long heardNanos;
  private int connection;
  private boolean suspect;

  WorkerWatch(WorkerCard card, long now) {
    this.card = card;
    this.address = new WorkerAddress(card.getPool(), card.getWorkerId(), card.getIncarnation());
    this.heardNanos = now;
  }

  void heard(long now) {
    heardNanos = now;
    suspect = false;
  }

  long silentNanos(long now) {
    return now - heardNanos;
  }

  /** Marks it; says whether it was not marked before. */
  boolean markSuspect() {
    boolean news = !suspect;
    suspect = true;
    return news;
  }

  boolean suspect() {
    return suspect;
  }

  /**
   * Notes the number of its connection.
   *
   * @return whether it has connected anew, so that what it has sent may be lost
   */
  boolean connectedAnew(int number) {
    boolean anew = connection != 0 && number != connection;
    connection = number;
    return anew;
  }

  WorkerAddress address() {
    return address;
  }

  WorkerCard card() {
    return card;
  }
}
