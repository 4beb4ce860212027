package io.baton.transport;

import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerStatus;
import java.util.List;

/** Passes all on, and shows the caches' followers how far each worker says it is. */
record StatusTap(FleetListener listener, KvWatch caches) implements FleetListener {
  @Override
  public void onWorker(WorkerCard card) {
    listener.onWorker(card);
  }

  @Override
  public void onStatus(WorkerAddress worker, WorkerStatus status) {
    caches.onStatus(worker, status);
    listener.onStatus(worker, status);
  }

  @Override
  public void onSuspect(WorkerAddress worker) {
    listener.onSuspect(worker);
  }

  @Override
  public void onGone(WorkerAddress worker, String cause) {
    listener.onGone(worker, cause);
  }

  @Override
  public void onKvReset(WorkerAddress worker, int rank) {
    listener.onKvReset(worker, rank);
  }

  @Override
  public void onKvEvents(WorkerAddress worker, int rank, int blockSize, List<KvEvent> events) {
    listener.onKvEvents(worker, rank, blockSize, events);
  }
}
