package io.baton.transport;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/** What the ends of one process have counted. Thread-safe. */
public final class TransportCounters {
  /** Numbered chunks published for the first time. */
  final LongAdder chunksSent = new LongAdder();

  /** Chunks published again for a gateway that missed them. */
  final LongAdder chunksResent = new LongAdder();

  /** Chunks handed to listeners. */
  final LongAdder chunksReceived = new LongAdder();

  /** Chunks that had arrived before. */
  final LongAdder chunksDuplicate = new LongAdder();

  /** Chunks of streams that have ended here or that nobody reads any more. */
  final LongAdder chunksLate = new LongAdder();

  /** Pieces of answers that did not travel alone, since the window was full or the broker away. */
  final LongAdder chunksJoined = new LongAdder();

  /** Pieces of answers given after the end of their stream. */
  final LongAdder writesAfterEnd = new LongAdder();

  /** Chunks that came before one that is missing. */
  final LongAdder gaps = new LongAdder();

  /** Questions for missing chunks: asked by a gateway, heard by a worker. */
  final LongAdder resumes = new LongAdder();

  /** Requests sent a second time, since the worker had not heard of them. */
  final LongAdder requestsResent = new LongAdder();

  /** Second copies of requests that a worker has or had. */
  final LongAdder requestsDuplicate = new LongAdder();

  /** Messages dropped since the queue to the broker was full. */
  final LongAdder discarded = new LongAdder();

  /** Messages not sent since they are larger than the broker's {@code max_payload}. */
  final LongAdder tooLarge = new LongAdder();

  /** Errors that the broker has told, such as a missing permission. */
  final LongAdder brokerErrors = new LongAdder();

  /** Messages that are not what their subject promises. */
  final LongAdder unparsable = new LongAdder();

  /** Requests refused since their cancel had come before them. */
  final LongAdder tombstones = new LongAdder();

  /** Gateways whose requests were aborted: silent, stopped or started anew. */
  final LongAdder leasesLost = new LongAdder();

  /** Requests stopped by their deadline. */
  final LongAdder deadlines = new LongAdder();

  /** Workers declared dead. */
  final LongAdder workersDied = new LongAdder();

  /** Runs of KV events with something missing between. */
  final LongAdder kvGaps = new LongAdder();

  /** Snapshots begun: asked for by a gateway, made by a worker. */
  final LongAdder kvSnapshots = new LongAdder();

  /** KV events that were not published: the broker was away, or its queue full. */
  final LongAdder kvEventsDropped = new LongAdder();

  /** Times that this process was too slow to take its messages, so that some were dropped. */
  final LongAdder slowConsumer = new LongAdder();

  /** Each counter with its name, in dotted form. */
  public void forEach(BiConsumer<String, LongAdder> visitor) {
    visitor.accept("chunks.sent", chunksSent);
    visitor.accept("chunks.resent", chunksResent);
    visitor.accept("chunks.received", chunksReceived);
    visitor.accept("chunks.duplicate", chunksDuplicate);
    visitor.accept("chunks.late", chunksLate);
    visitor.accept("chunks.joined", chunksJoined);
    visitor.accept("writes.after.end", writesAfterEnd);
    visitor.accept("gaps", gaps);
    visitor.accept("resumes", resumes);
    visitor.accept("requests.resent", requestsResent);
    visitor.accept("requests.duplicate", requestsDuplicate);
    visitor.accept("messages.discarded", discarded);
    visitor.accept("messages.too.large", tooLarge);
    visitor.accept("messages.unparsable", unparsable);
    visitor.accept("broker.errors", brokerErrors);
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
