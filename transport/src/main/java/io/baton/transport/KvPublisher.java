package io.baton.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.proto.Subjects;
import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.KvEvents;
import io.baton.proto.v1.SnapshotPage;
import io.baton.proto.v1.SnapshotRequest;
import io.baton.proto.v1.Stored;
import io.baton.proto.v1.WorkerCard;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Tells of a worker's cache: numbered events as they happen, and snapshots for who asks. While the
 * broker is away events are dropped and counted; readers see the gap and take a snapshot.
 */
final class KvPublisher {
  /** Two hashes of eight bytes each, with room to spare in the smallest usual message. */
  private static final int BLOCKS_PER_PAGE = 16_384;

  private static final int EVENTS_PER_MESSAGE = 512;
  private static final int MAX_OPEN_SNAPSHOTS = 4;

  private final BrokerLink link;
  private final Subjects subjects;
  private final WorkerCard card;
  private final TransportCounters counters;
  private final Map<Integer, Long> lastEventIds = new ConcurrentHashMap<>();

  /** Used by the events connection's thread only; the oldest goes first. */
  private final Map<Long, List<SnapshotPage>> snapshots = new LinkedHashMap<>();

  KvPublisher(BrokerLink link, Subjects subjects, WorkerCard card, TransportCounters counters) {
    this.link = link;
    this.subjects = subjects;
    this.card = card;
    this.counters = counters;
  }

  void start(WorkerHandler handler) {
    Dispatcher dispatcher = link.events().createDispatcher();
    dispatcher.subscribe(
        subjects.kvSnapshot(card.getPool(), card.getWorkerId()),
        message -> onSnapshotRequest(message, handler));
  }

  long lastEventId(int rank) {
    return lastEventIds.getOrDefault(rank, 0L);
  }

  void publish(int rank, long firstEventId, List<KvEvent> events) {
    for (int from = 0; from < events.size(); from += EVENTS_PER_MESSAGE) {
      int to = Math.min(events.size(), from + EVENTS_PER_MESSAGE);
      byte[] body =
          KvEvents.newBuilder()
              .setWorkerId(card.getWorkerId())
              .setIncarnation(card.getIncarnation())
              .setRank(rank)
              .setFirstEventId(firstEventId + from)
              .setBlockSize(card.getBlockSize())
              .addAllEvents(events.subList(from, to))
              .build()
              .toByteArray();
      String subject = subjects.kv(card.getPool(), card.getWorkerId());
      if (!BrokerLink.publish(link.events(), subject, null, null, body)) {
        counters.kvEventsDropped.add(to - from);
      }
    }
    lastEventIds.put(rank, firstEventId + events.size() - 1);
  }

  private void onSnapshotRequest(Message message, WorkerHandler handler) {
    String replyTo = message.getReplyTo();
    if (replyTo == null) {
      return;
    }
    try {
      SnapshotRequest request = SnapshotRequest.parseFrom(message.getData());
      SnapshotPage page = request.getPage() == 0 ? open(request.getRank(), handler) : page(request);
      BrokerLink.publish(link.events(), replyTo, null, null, page.toByteArray());
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
    }
  }

  private SnapshotPage open(int rank, WorkerHandler handler) {
    if (rank >= Math.max(1, card.getDpSize())) {
      return blank(rank).setError("rank: " + rank + " (expected: below dp_size)").build();
    }
    counters.kvSnapshots.increment();
    SnapshotSource source = handler.snapshot(rank);
    long id = ThreadLocalRandom.current().nextLong();
    List<SnapshotPage> pages = pages(rank, id, source);
    if (pages.size() > 1) {
      while (snapshots.size() >= MAX_OPEN_SNAPSHOTS) {
        var oldest = snapshots.keySet().iterator();
        oldest.next();
        oldest.remove();
      }
      snapshots.put(id, pages);
    }
    return pages.getFirst();
  }

  private SnapshotPage page(SnapshotRequest request) {
    List<SnapshotPage> pages = snapshots.get(request.getSnapshotId());
    if (pages == null || request.getPage() >= pages.size()) {
      return blank(request.getRank()).setError("no such snapshot or page; start anew").build();
    }
    SnapshotPage page = pages.get(request.getPage());
    if (page.getLast()) {
      snapshots.remove(request.getSnapshotId());
    }
    return page;
  }

  private List<SnapshotPage> pages(int rank, long id, SnapshotSource source) {
    var pages = new ArrayList<SnapshotPage>();
    SnapshotPage.Builder page = blank(rank);
    int blocks = 0;
    for (KvEvent event : source.stored()) {
      for (KvEvent part : split(event)) {
        int size = part.getStored().getSequenceHashesCount();
        if (blocks > 0 && blocks + size > BLOCKS_PER_PAGE) {
          pages.add(finish(page, id, pages.size(), source, false));
          page = blank(rank);
          blocks = 0;
        }
        page.addStored(part);
        blocks += size;
      }
    }
    pages.add(finish(page, id, pages.size(), source, true));
    return pages;
  }

  /** One run may itself be larger than a page. */
  private static List<KvEvent> split(KvEvent event) {
    Stored stored = event.getStored();
    if (stored.getSequenceHashesCount() <= BLOCKS_PER_PAGE) {
      return List.of(event);
    }
    var parts = new ArrayList<KvEvent>();
    for (int from = 0; from < stored.getSequenceHashesCount(); from += BLOCKS_PER_PAGE) {
      int to = Math.min(stored.getSequenceHashesCount(), from + BLOCKS_PER_PAGE);
      var part = Stored.newBuilder();
      if (from > 0) {
        part.setParent(stored.getSequenceHashes(from - 1));
      } else if (stored.hasParent()) {
        part.setParent(stored.getParent());
      }
      part.addAllSequenceHashes(stored.getSequenceHashesList().subList(from, to))
          .addAllLocalHashes(stored.getLocalHashesList().subList(from, to));
      parts.add(event.toBuilder().setStored(part).build());
    }
    return parts;
  }

  private SnapshotPage.Builder blank(int rank) {
    return SnapshotPage.newBuilder()
        .setWorkerId(card.getWorkerId())
        .setIncarnation(card.getIncarnation())
        .setRank(rank)
        .setBlockSize(card.getBlockSize());
  }

  private static SnapshotPage finish(
      SnapshotPage.Builder page, long id, int number, SnapshotSource source, boolean last) {
    return page.setSnapshotId(id)
        .setPage(number)
        .setLast(last)
        .setAsOfEventId(source.asOfEventId())
        .build();
  }
}
