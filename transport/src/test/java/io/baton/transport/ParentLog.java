package io.baton.transport;

import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerStatus;
import java.util.List;

/** Writes down the parent of every run of blocks; 0 for none. */
record ParentLog(List<Long> parents) implements FleetListener {
  @Override
  public void onWorker(WorkerCard card) {}

  @Override
  public void onStatus(WorkerAddress worker, WorkerStatus status) {}

  @Override
  public void onSuspect(WorkerAddress worker) {}

  @Override
  public void onGone(WorkerAddress worker, String cause) {}

  @Override
  public void onKvReset(WorkerAddress worker, int rank) {}

  @Override
  public void onKvEvents(WorkerAddress worker, int rank, int blockSize, List<KvEvent> events) {
    events.forEach(event -> parents.add(event.getStored().getParent()));
  }
}
