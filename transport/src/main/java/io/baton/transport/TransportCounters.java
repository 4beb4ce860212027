package io.baton.transport;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/** What one end of the transport has counted. Thread-safe. */
public final class TransportCounters {
  final LongAdder chunksSent = new LongAdder();
  final LongAdder chunksReceived = new LongAdder();
  final LongAdder chunksResent = new LongAdder();
  final LongAdder chunksDuplicate = new LongAdder();
  final LongAdder chunksLate = new LongAdder();
  final LongAdder tokensJoined = new LongAdder();
  final LongAdder gaps = new LongAdder();
  final LongAdder resumes = new LongAdder();
  final LongAdder discarded = new LongAdder();
  final LongAdder unparsable = new LongAdder();
  final LongAdder tombstones = new LongAdder();
  final LongAdder leasesLost = new LongAdder();
  final LongAdder deadlines = new LongAdder();
  final LongAdder workersDied = new LongAdder();
  final LongAdder kvGaps = new LongAdder();
  final LongAdder kvSnapshots = new LongAdder();
  final LongAdder kvEventsDropped = new LongAdder();
  final LongAdder slowConsumer = new LongAdder();

  /** Each counter with its name, in dotted form. */
  public void forEach(BiConsumer<String, LongAdder> visitor) {
    visitor.accept("chunks.sent", chunksSent);
    visitor.accept("chunks.received", chunksReceived);
    visitor.accept("chunks.resent", chunksResent);
    visitor.accept("chunks.duplicate", chunksDuplicate);
    visitor.accept("chunks.late", chunksLate);
    visitor.accept("chunks.joined", tokensJoined);
    visitor.accept("gaps", gaps);
    visitor.accept("resumes", resumes);
    visitor.accept("messages.discarded", discarded);
    visitor.accept("messages.unparsable", unparsable);
    visitor.accept("tombstones", tombstones);
    visitor.accept("leases.lost", leasesLost);
    visitor.accept("deadlines.passed", deadlines);
    visitor.accept("workers.died", workersDied);
    visitor.accept("kv.gaps", kvGaps);
    visitor.accept("kv.snapshots", kvSnapshots);
    visitor.accept("kv.events.dropped", kvEventsDropped);
    visitor.accept("slow.consumer", slowConsumer);
  }
}
