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
import java.util.function.LongSupplier;

/**
 * Who exists: discovers by cards, listens to heartbeats, probes the silent. Messages come on one
 * NATS thread, {@link #tick} on the timer; both change the map under this object's lock, so that
 * the listener hears joins and leaves in an order that makes sense.
 */
final class FleetWatch {
  /** What the watch needs of the gateway's end. */
  interface Owner {
    void publish(String subject, String replyTo, byte[] body);

    String replySubject(String token);

    void onJoined(WorkerWatch worker);

    void onGone(WorkerAddress worker, Loss loss);
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
  private final LongSupplier clock;
  private final TransportCounters counters;
  private final Map<String, WorkerWatch> workers = new ConcurrentHashMap<>();
  private long discoveredNanos;

  FleetWatch(
      Subjects subjects,
      List<String> pools,
      String gatewayId,
      long incarnation,
      TransportTimings timings,
      FleetListener listener,
      Owner owner,
      LongSupplier clock,
      TransportCounters counters) {
    this.subjects = subjects;
    this.pools = pools;
    this.gatewayId = gatewayId;
    this.incarnation = incarnation;
    this.timings = timings;
    this.listener = listener;
    this.owner = owner;
    this.clock = clock;
    this.counters = counters;
    this.discoveredNanos = clock.getAsLong() - DISCOVER_AGAIN_NANOS;
  }

  /** Asks every worker for its card; not more often than makes sense. */
  synchronized void discover() {
    long now = clock.getAsLong();
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
    WorkerCard card;
    try {
      card = WorkerCard.parseFrom(message.getData());
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
      return;
    }
    synchronized (this) {
      String key = key(card.getPool(), card.getWorkerId());
      WorkerWatch known = workers.get(key);
      if (known != null && known.address().incarnation() == card.getIncarnation()) {
        known.heard();
        return;
      }
      if (known != null) {
        gone(key, known, new Loss(Loss.Cause.WORKER_RESTARTED, "it has started anew"));
      }
      var worker = new WorkerWatch(card, clock);
      workers.put(key, worker);
      listener.onWorker(card);
      owner.onJoined(worker);
    }
  }

  void onStatus(String pool, Message message) {
    WorkerStatus status;
    try {
      status = WorkerStatus.parseFrom(message.getData());
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
      return;
    }
    synchronized (this) {
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
        known.heard();
        listener.onStatus(known.address(), status);
      }
    }
  }

  /** The answer to a probe: a status, or the broker's word that nobody listens. */
  void onProbed(String token, Message message, boolean brokerJustBack) {
    for (var entry : workers.entrySet()) {
      WorkerWatch worker = entry.getValue();
      if (!token.equals(probeToken(worker.address()))) {
        continue;
      }
      if (!message.isStatusMessage()) {
        onStatus(worker.address().pool(), message);
      } else if (!brokerJustBack) {
        dead(entry.getKey(), worker, "nobody answers a probe");
      }
    }
  }

  void tick(long listeningSince, boolean brokerJustBack) {
    for (var entry : workers.entrySet()) {
      WorkerWatch worker = entry.getValue();
      long silent = worker.silentNanos(listeningSince);
      long grace = brokerJustBack ? timings.grace().toNanos() : 0;
      if (silent > timings.deadAfter().toNanos() + grace) {
        dead(entry.getKey(), worker, "silent for " + TimeUnit.NANOSECONDS.toMillis(silent) + " ms");
      } else if (silent > timings.suspectAfter().toNanos()) {
        if (worker.markSuspect()) {
          listener.onSuspect(worker.address());
        }
        probe(worker);
      }
    }
  }

  /** While the broker is away nobody can be reached; nobody is dead for that. */
  void suspectAll() {
    for (WorkerWatch worker : workers.values()) {
      if (worker.markSuspect()) {
        listener.onSuspect(worker.address());
      }
    }
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

  private synchronized void dead(String key, WorkerWatch worker, String why) {
    if (workers.get(key) == worker) {
      counters.workersDied.increment();
      gone(key, worker, new Loss(Loss.Cause.WORKER_DIED, why));
    }
  }

  private void gone(String key, WorkerWatch worker, Loss loss) {
    workers.remove(key);
    listener.onGone(worker.address(), loss.detail());
    owner.onGone(worker.address(), loss);
  }

  private static String key(String pool, String workerId) {
    return pool + "." + workerId;
  }
}
