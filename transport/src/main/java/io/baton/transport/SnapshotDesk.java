package io.baton.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.proto.Subjects;
import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.SnapshotPage;
import io.baton.proto.v1.SnapshotRequest;
import io.baton.proto.v1.WorkerCard;
import io.nats.client.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out a worker's whole cache, page by page: a picture taken when the first page is asked for,
 * kept until the last one is. On the events connection's thread only.
 */
final class SnapshotDesk {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotDesk.class);
  private static final int MAX_OPEN = 8;
  private static final long TTL_NANOS = TimeUnit.SECONDS.toNanos(15);

  /** The page around the blocks. */
  private static final int ENVELOPE_BYTES = 512;

  /** Larger pages would hold up the events behind them. */
  private static final int MAX_PAGE_BYTES = 512 << 10;

  private record Open(List<SnapshotPage> pages, long sinceNanos) {}

  private final BrokerLink link;
  private final WorkerCard card;
  private final IntFunction<SnapshotSource> sources;
  private final TransportCounters counters;

  /** By snapshot id; the oldest goes first. */
  private final Map<Long, Open> open = new LinkedHashMap<>();

  /**
   * A desk that answers once {@link #start} is called.
   *
   * @param sources the cache of a rank as it is now
   */
  SnapshotDesk(BrokerLink link, WorkerCard card, IntFunction<SnapshotSource> sources) {
    this.link = link;
    this.card = card;
    this.sources = sources;
    this.counters = link.counters();
  }

  void start(Subjects subjects) {
    link.events()
        .subscribe(
            Map.of(subjects.kvSnapshot(card.getPool(), card.getWorkerId()), this::onRequest));
  }

  private void onRequest(Message message) {
    String replyTo = message.getReplyTo();
    if (replyTo == null) {
      counters.unparsable.increment();
      return;
    }
    try {
      SnapshotRequest request = SnapshotRequest.parseFrom(message.getData());
      SnapshotPage page = request.getPage() == 0 ? first(request.getRank()) : further(request);
      var _ = link.events().publish(replyTo, page.toByteArray());
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
    }
  }

  private SnapshotPage first(int rank) {
    if (rank < 0 || rank >= Math.max(1, card.getDpSize())) {
      return refusal(rank, "rank: " + rank + " (expected: below dp_size)");
    }
    SnapshotSource source;
    try {
      source = sources.apply(rank);
    } catch (RuntimeException e) {
      LOG.error("no snapshot of rank {}", rank, e);
      return refusal(rank, "the engine gave none: " + e);
    }
    counters.kvSnapshots.increment();
    long id = ThreadLocalRandom.current().nextLong();
    List<SnapshotPage> pages = pages(rank, id, source);
    if (pages.size() > 1) {
      makeRoom();
      open.put(id, new Open(pages, System.nanoTime()));
    }
    return pages.getFirst();
  }

  private void makeRoom() {
    long now = System.nanoTime();
    open.values().removeIf(snapshot -> now - snapshot.sinceNanos() > TTL_NANOS);
    var oldest = open.keySet().iterator();
    while (open.size() >= MAX_OPEN) {
      oldest.next();
      oldest.remove();
    }
  }

  private SnapshotPage further(SnapshotRequest request) {
    Open snapshot = open.get(request.getSnapshotId());
    int number = request.getPage();
    if (snapshot == null || number < 0 || number >= snapshot.pages().size()) {
      return refusal(request.getRank(), "no such snapshot or page (any more); start anew");
    }
    return snapshot.pages().get(number);
  }

  private List<SnapshotPage> pages(int rank, long id, SnapshotSource source) {
    int room = (int) Math.min(MAX_PAGE_BYTES, link.maxPayload() - ENVELOPE_BYTES);
    var splitter = new KvSplitter(room);
    List<List<KvEvent>> portions = splitter.portions(splitter.cutRuns(source.stored()));
    if (portions.isEmpty()) {
      portions = List.of(List.of());
    }
    var pages = new ArrayList<SnapshotPage>(portions.size());
    for (List<KvEvent> portion : portions) {
      int number = pages.size();
      pages.add(
          blank(rank)
              .setSnapshotId(id)
              .setPage(number)
              .setLast(number == portions.size() - 1)
              .setAsOfEventId(source.asOfEventId())
              .addAllStored(portion)
              .build());
    }
    return pages;
  }

  private SnapshotPage refusal(int rank, String error) {
    return blank(rank).setError(error).build();
  }

  private SnapshotPage.Builder blank(int rank) {
    return SnapshotPage.newBuilder()
        .setWorkerId(card.getWorkerId())
        .setIncarnation(card.getIncarnation())
        .setRank(rank)
        .setBlockSize(card.getBlockSize());
  }
}
