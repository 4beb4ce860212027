package io.baton.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.proto.Subjects;
import io.baton.proto.v1.KvEvents;
import io.baton.proto.v1.RankLoad;
import io.baton.proto.v1.SnapshotPage;
import io.baton.proto.v1.SnapshotRequest;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerStatus;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The caches of all workers that tell of them, each followed by a {@link KvFollower}. */
final class KvWatch {
  private static final long PENDING_BYTES = 256L << 20;

  private record Key(WorkerAddress worker, int rank) {}

  private final BrokerLink link;
  private final Subjects subjects;
  private final String replyId;
  private final FleetListener listener;
  private final TransportCounters counters;
  private final Map<Key, KvFollower> followers = new ConcurrentHashMap<>();

  KvWatch(
      BrokerLink link,
      Subjects subjects,
      String gatewayId,
      FleetListener listener,
      TransportCounters counters) {
    this.link = link;
    this.subjects = subjects;
    // Not the gateway's own wildcard: pages must not come on the connection for tokens as well.
    this.replyId = gatewayId + "_kv";
    this.listener = listener;
    this.counters = counters;
  }

  void start(List<String> pools) {
    Dispatcher dispatcher = link.events().createDispatcher();
    dispatcher.setPendingLimits(-1, PENDING_BYTES);
    for (String pool : pools) {
      dispatcher.subscribe(subjects.kv(pool, "*"), message -> onEvents(pool, message));
    }
    dispatcher.subscribe(subjects.reply(replyId, "*"), this::onPage);
  }

  void follow(WorkerCard card, WorkerAddress worker) {
    if (!card.getPublishesKvEvents()) {
      return;
    }
    for (int rank = 0; rank < Math.max(1, card.getDpSize()); rank++) {
      var follower =
          new KvFollower(worker, rank, card.getBlockSize(), listener, this::ask, counters);
      followers.put(new Key(worker, rank), follower);
      follower.restart(System.nanoTime());
    }
  }

  void forget(WorkerAddress worker) {
    followers.keySet().removeIf(key -> key.worker().equals(worker));
  }

  void restartAll() {
    followers.values().forEach(follower -> follower.restart(System.nanoTime()));
  }

  void tick(long now) {
    followers.values().forEach(follower -> follower.tick(now));
  }

  void onStatus(WorkerAddress worker, WorkerStatus status) {
    for (RankLoad rank : status.getRanksList()) {
      KvFollower follower = followers.get(new Key(worker, rank.getRank()));
      if (follower != null) {
        follower.onPosition(rank.getKvEventId(), System.nanoTime());
      }
    }
  }

  private void onEvents(String pool, Message message) {
    try {
      KvEvents events = KvEvents.parseFrom(message.getData());
      var worker = new WorkerAddress(pool, events.getWorkerId(), events.getIncarnation());
      KvFollower follower = followers.get(new Key(worker, events.getRank()));
      if (follower != null) {
        follower.onEvents(events, System.nanoTime());
      }
      // Of an unknown worker: its snapshot will contain them.
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
    }
  }

  private void onPage(Message message) {
    if (message.isStatusMessage()) {
      return;
    }
    String subject = message.getSubject();
    String pool = subject.substring(subject.lastIndexOf('.') + 1);
    try {
      SnapshotPage page = SnapshotPage.parseFrom(message.getData());
      var worker = new WorkerAddress(pool, page.getWorkerId(), page.getIncarnation());
      KvFollower follower = followers.get(new Key(worker, page.getRank()));
      if (follower != null) {
        follower.onPage(page, System.nanoTime());
      }
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
    }
  }

  /** The pool's name comes back as the last token of the reply's subject. */
  private void ask(WorkerAddress worker, int rank, long snapshotId, int page) {
    BrokerLink.publish(
        link.events(),
        subjects.kvSnapshot(worker.pool(), worker.workerId()),
        subjects.reply(replyId, worker.pool()),
        null,
        SnapshotRequest.newBuilder()
            .setRank(rank)
            .setSnapshotId(snapshotId)
            .setPage(page)
            .build()
            .toByteArray());
  }
}
