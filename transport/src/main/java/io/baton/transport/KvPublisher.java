package io.baton.transport;

import io.baton.proto.Subjects;
import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.KvEvents;
import io.baton.proto.v1.WorkerCard;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells of changes in a worker's cache, numbered, as they happen. While the broker is away events
 * are dropped and counted; readers see the gap and take a snapshot. Any thread; one at a time per
 * rank.
 */
final class KvPublisher {
  /** The message around the events. */
  private static final int ENVELOPE_BYTES = 512;

  /** Larger messages gain nothing. */
  private static final int MAX_BYTES = 256 << 10;

  private final BrokerLink link;
  private final String subject;
  private final WorkerCard card;
  private final TransportCounters counters;
  private final Map<Integer, Long> lastEventIds = new ConcurrentHashMap<>();

  KvPublisher(BrokerLink link, Subjects subjects, WorkerCard card) {
    this.link = link;
    this.subject = subjects.kv(card.getPool(), card.getWorkerId());
    this.card = card;
    this.counters = link.counters();
  }

  long lastEventId(int rank) {
    return lastEventIds.getOrDefault(rank, 0L);
  }

  void publish(int rank, long firstEventId, List<KvEvent> events) {
    int room = (int) Math.min(MAX_BYTES, link.maxPayload() - ENVELOPE_BYTES);
    long next = firstEventId;
    for (List<KvEvent> portion : new KvSplitter(room).portions(events)) {
      byte[] body =
          KvEvents.newBuilder()
              .setWorkerId(card.getWorkerId())
              .setIncarnation(card.getIncarnation())
              .setRank(rank)
              .setFirstEventId(next)
              .setBlockSize(card.getBlockSize())
              .addAllEvents(portion)
              .build()
              .toByteArray();
      if (link.events().publish(subject, body) != Channel.Delivery.QUEUED) {
        counters.kvEventsDropped.add(portion.size());
      }
      next += portion.size();
    }
    // Counts what was dropped too: a reader that lags behind this number knows that it has missed
    // it.
    lastEventIds.put(rank, next - 1);
  }
}
