package io.baton.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.proto.Subjects;
import io.baton.proto.v1.KvEvents;
import io.baton.proto.v1.RankLoad;
import io.baton.proto.v1.SnapshotPage;
import io.baton.proto.v1.SnapshotRequest;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerStatus;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The caches of all workers that tell of them, each followed by a {@link KvFollower}. */
final class KvWatch {
  private record Key(WorkerAddress worker, int rank) {}

  private final Channel channel;
  private final Subjects subjects;
  private final String gatewayId;
  private final FleetListener listener;
  private final TransportCounters counters;
  private final Map<Key, KvFollower> followers = new ConcurrentHashMap<>();

  KvWatch(BrokerLink link, Subjects subjects, String gatewayId, FleetListener listener) {
    this.channel = link.events();
    this.subjects = subjects;
    this.gatewayId = gatewayId;
    this.listener = listener;
    this.counters = link.counters();
  }

  void start(List<String> pools) {
    var inbox = new HashMap<String, MessageHandler>();
    for (String pool : pools) {
      inbox.put(subjects.kv(pool, "*"), message -> onEvents(pool, message));
      inbox.put(subjects.snapshotReply(gatewayId, pool), message -> onPage(pool, message));
    }
    channel.subscribe(inbox);
  }

  void follow(WorkerCard card, WorkerAddress worker) {
    if (!card.getPublishesKvEvents()) {
      return;
    }
    for (int rank = 0; rank < Math.max(1, card.getDpSize()); rank++) {
      var follower =
          new KvFollower(
              worker, rank, card.getBlockSize(), listener, this::ask, counters, System::nanoTime);
      followers.put(new Key(worker, rank), follower);
      follower.restart();
    }
  }

  void forget(WorkerAddress worker) {
    followers
        .entrySet()
        .removeIf(entry -> {
          boolean leaves = entry.getKey().worker().equals(worker);
          if (leaves) {
            entry.getValue().close();
          }
          return leaves;
        });
  }

  void tick() {
    followers.values().forEach(KvFollower::tick);
  }

  void onStatus(WorkerAddress worker, WorkerStatus status) {
    for (RankLoad rank : status.getRanksList()) {
      KvFollower follower = followers.get(new Key(worker, rank.getRank()));
      if (follower != null) {
        follower.onPosition(rank.getKvEventId());
      }
    }
  }

  private void onEvents(String pool, Message message) {
    try {
      KvEvents events = KvEvents.parseFrom(message.getData());
      var worker = new WorkerAddress(pool, events.getWorkerId(), events.getIncarnation());
      KvFollower follower = followers.get(new Key(worker, events.getRank()));
      if (follower != null) {
        follower.onEvents(events);
      }
      // Of an unknown worker: its snapshot will contain them.
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
    }
  }

  private void onPage(String pool, Message message) {
    if (message.isStatusMessage()) {
      // Nobody listens there now; the follower asks again.
      return;
    }
    try {
      SnapshotPage page = SnapshotPage.parseFrom(message.getData());
      var worker = new WorkerAddress(pool, page.getWorkerId(), page.getIncarnation());
      KvFollower follower = followers.get(new Key(worker, page.getRank()));
      if (follower != null) {
        follower.onPage(page);
      }
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
    }
  }

  private void ask(WorkerAddress worker, int rank, long snapshotId, int page) {
    byte[] body =
        SnapshotRequest.newBuilder()
            .setRank(rank)
            .setSnapshotId(snapshotId)
            .setPage(page)
            .build()
            .toByteArray();
    var _ =
        channel.publish(
            subjects.kvSnapshot(worker.pool(), worker.workerId()),
            subjects.snapshotReply(gatewayId, worker.pool()),
            null,
            body);
  }
}
