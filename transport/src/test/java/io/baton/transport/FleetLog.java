package io.baton.transport;

import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what a gateway hears of its fleet, and keeps each cache as told. */
final class FleetLog implements FleetListener {
  private final List<String> entries = new CopyOnWriteArrayList<>();
  private final List<Long> hashes = new ArrayList<>();

  @Override
  public void onWorker(WorkerCard card) {
    entries.add("worker " + card.getWorkerId() + " " + card.getIncarnation());
  }

  @Override
  public void onStatus(WorkerAddress worker, WorkerStatus status) {
    // Too many to write down.
  }

  @Override
  public void onSuspect(WorkerAddress worker) {
    entries.add("suspect " + worker.workerId() + " " + worker.incarnation());
  }

  @Override
  public void onGone(WorkerAddress worker, String cause) {
    entries.add("gone " + worker.workerId() + " " + worker.incarnation());
  }

  @Override
  public synchronized void onKvReset(WorkerAddress worker, int rank) {
    entries.add("kv reset " + worker.workerId());
    hashes.clear();
  }

  @Override
  public synchronized void onKvEvents(
      WorkerAddress worker, int rank, int blockSize, List<KvEvent> events) {
    for (KvEvent event : events) {
      hashes.addAll(event.getStored().getSequenceHashesList());
      hashes.removeAll(event.getRemoved().getSequenceHashesList());
    }
  }

  List<String> entries() {
    return entries;
  }

  long count(String entry) {
    return entries.stream().filter(entry::equals).count();
  }

  /** Blocks of the only rank of the only worker, as far as the log was told. */
  synchronized List<Long> hashes() {
    return List.copyOf(hashes);
  }
}
