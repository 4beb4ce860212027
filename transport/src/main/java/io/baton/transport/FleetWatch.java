package io.baton.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.proto.Subjects;
import io.baton.proto.v1.Control;
import io.baton.proto.v1.Discover;
import io.baton.proto.v1.Probe;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerState;
import io.baton.proto.v1.WorkerStatus;
import io.nats.client.Message;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Who exists: discovers by cards, listens to heartbeats, probes the silent. Messages come on one
 * NATS thread, {@link #tick} on the timer; both work under this object's lock, and so does the
 * listener, so that it hears joins and leaves in order. Lock order: this, then a stream's or a KV
 * follower's; nothing that holds one of those calls in here.
 *
 * <p>A silent worker is suspect first. It is dead when nobody listens in its place by then (its
 * connection is gone: a killed process, not a starved one), or when it stays silent for much
 * longer.
 */
final class FleetWatch {
  /** What the watch needs of the gateway's end. Called under the watch's lock. */
  interface Owner {
    void publish(String subject, String replyTo, byte[] body);

    String replySubject(String token);

    void onJoined(WorkerCard card, WorkerAddress worker);

    void onStatus(WorkerAddress worker, WorkerStatus status);

    /** The worker has a new connection to the broker: what it has sent may be lost. */
    void onReconnected(WorkerAddress worker);

    /** Before the listener hears of it: nothing more of its cache may be told. */
    void onLeaving(WorkerAddress worker);

    /** After the listener has heard of it, so that nobody sends it anything again. */
    void onLeft(WorkerAddress worker, Loss loss);
  }

  static final String CARDS = "cards";
  static final String PROBE_PREFIX = "probe_";
  private static final long DISCOVER_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Subjects subjects;
  private final List<String> pools;
  private final String gatewayId;
  private final long incarnation;
  private final TransportTimings timings;
  private final FleetListener listener;
  private final Owner owner;
  private final HeardClock heard;
  private final TransportCounters counters;
  private final Map<String, WorkerWatch> workers = new ConcurrentHashMap<>();
  private long discoveredNanos = System.nanoTime() - DISCOVER_AGAIN_NANOS;

  FleetWatch(
      Subjects subjects,
      List<String> pools,
      String gatewayId,
      long incarnation,
      TransportTimings timings,
      FleetListener listener,
      Owner owner,
      HeardClock heard,
      TransportCounters counters) {
    this.subjects = subjects;
    this.pools = pools;
    this.gatewayId = gatewayId;
    this.incarnation = incarnation;
    this.timings = timings;
    this.listener = listener;
    this.owner = owner;
    this.heard = heard;
    this.counters = counters;
  }

  /** Asks every worker for its card; not more often than makes sense. */
  synchronized void discover() {
    long now = System.nanoTime();
    if (now - discoveredNanos < DISCOVER_AGAIN_NANOS) {
      return;
    }
    discoveredNanos = now;
    byte[] body =
        Discover.newBuilder()
            .setGatewayId(gatewayId)
            .setGatewayIncarnation(incarnation)
            .build()
            .toByteArray();
    for (String pool : pools) {
      owner.publish(subjects.discover(pool), owner.replySubject(CARDS), body);
    }
  }

  void onCard(Message message) {
    if (message.isStatusMessage()) {
      // No worker yet.
      return;
    }
    try {
      onCard(WorkerCard.parseFrom(message.getData()));
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
    }
  }

  private synchronized void onCard(WorkerCard card) {
    String key = key(card.getPool(), card.getWorkerId());
    WorkerWatch known = workers.get(key);
    if (known != null && known.address().incarnation() == card.getIncarnation()) {
      known.heard(heard.nanos());
      return;
    }
    if (known != null) {
      gone(key, known, new Loss(Loss.Cause.WORKER_RESTARTED, "it has started anew"));
    }
    var worker = new WorkerWatch(card, heard.nanos());
    workers.put(key, worker);
    listener.onWorker(card);
    owner.onJoined(card, worker.address());
  }

  void onStatus(String pool, Message message) {
    try {
      onStatus(pool, WorkerStatus.parseFrom(message.getData()));
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
    }
  }

  private synchronized void onStatus(String pool, WorkerStatus status) {
    String key = key(pool, status.getWorkerId());
    WorkerWatch known = workers.get(key);
    boolean stopped = status.getState() == WorkerState.WORKER_STOPPED;
    if (known == null || known.address().incarnation() != status.getIncarnation()) {
      if (!stopped) {
        discover();
      }
    } else if (stopped) {
      gone(key, known, new Loss(Loss.Cause.WORKER_DIED, "it has stopped"));
    } else {
      known.heard(heard.nanos());
      owner.onStatus(known.address(), status);
      listener.onStatus(known.address(), status);
      if (known.connectedAnew(status.getConnection())) {
        owner.onReconnected(known.address());
      }
    }
  }

  /** The answer to a probe: a status, or the broker's word that nobody listens. */
  synchronized void onProbed(String token, Message message) {
    for (var entry : workers.entrySet()) {
      WorkerWatch worker = entry.getValue();
      if (!token.equals(probeToken(worker.address()))) {
        continue;
      }
      if (!message.isStatusMessage()) {
        onStatus(worker.address().pool(), message);
      } else if (!heard.settling() && silentFor(worker) > timings.suspectAfter().toNanos()) {
        dead(entry.getKey(), worker, "nobody listens in its place");
      }
    }
  }

  synchronized void tick() {
    for (var entry : workers.entrySet()) {
      WorkerWatch worker = entry.getValue();
      long silent = silentFor(worker);
      if (silent > timings.deadAfter().toNanos()) {
        dead(entry.getKey(), worker, "silent for " + TimeUnit.NANOSECONDS.toMillis(silent) + " ms");
      } else if (silent > timings.suspectAfter().toNanos() || worker.suspect()) {
        suspect(worker);
        probe(worker);
      }
    }
  }

  private long silentFor(WorkerWatch worker) {
    return worker.silentNanos(heard.nanos());
  }

  private void suspect(WorkerWatch worker) {
    if (worker.markSuspect()) {
      listener.onSuspect(worker.address());
    }
  }

  /** While the broker is away nobody can be reached; nobody is dead for that. */
  synchronized void suspectAll() {
    workers.values().forEach(this::suspect);
  }

  /** The broker says that nobody listens for a worker's requests: no new ones until it is heard. */
  synchronized void doubt(WorkerAddress address) {
    WorkerWatch worker = workers.get(key(address.pool(), address.workerId()));
    if (worker != null && worker.address().equals(address)) {
      suspect(worker);
    }
  }

  /** Whether a life of a worker is known and not over. Takes no lock. */
  boolean knows(WorkerAddress address) {
    WorkerWatch worker = workers.get(key(address.pool(), address.workerId()));
    return worker != null && worker.address().equals(address);
  }

  private void probe(WorkerWatch worker) {
    WorkerAddress address = worker.address();
    owner.publish(
        subjects.control(address.pool(), address.workerId()),
        owner.replySubject(probeToken(address)),
        Control.newBuilder()
            .setGatewayId(gatewayId)
            .setGatewayIncarnation(incarnation)
            .setProbe(Probe.getDefaultInstance())
            .build()
            .toByteArray());
  }

  private static String probeToken(WorkerAddress address) {
    return PROBE_PREFIX + Long.toHexString(address.incarnation());
  }

  private void dead(String key, WorkerWatch worker, String why) {
    counters.workersDied.increment();
    gone(key, worker, new Loss(Loss.Cause.WORKER_DIED, why));
  }

  private void gone(String key, WorkerWatch worker, Loss loss) {
    workers.remove(key);
    owner.onLeaving(worker.address());
    listener.onGone(worker.address(), loss.detail());
    owner.onLeft(worker.address(), loss);
  }

  private static String key(String pool, String workerId) {
    return pool + "." + workerId;
  }
}
