package io.baton.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a worker: live ones, ended ones that are not acknowledged yet, and tombstones of
 * those whose cancel came before they did. Thread-safe.
 */
final class RequestTable {
  private static final int MAX_ENDED = 10_000;
  private static final int MAX_TOMBSTONES = 10_000;

  /** As many ids as a heartbeat carries: more would not fit small brokers' messages. */
  private static final int MAX_TOLD = 4096;

  private final long ttlNanos;
  private final LongSupplier clock;
  private final Map<String, WorkerStream> streams = new ConcurrentHashMap<>();
  private final AtomicInteger live = new AtomicInteger();
  private final Map<String, Long> tombstones = new LinkedHashMap<>();

  RequestTable(Duration ttl, LongSupplier clock) {
    this.ttlNanos = ttl.toNanos();
    this.clock = clock;
  }

  void add(WorkerStream stream) {
    streams.put(stream.requestId(), stream);
    live.incrementAndGet();
  }

  @Nullable WorkerStream find(String requestId) {
    return streams.get(requestId);
  }

  boolean isLive(String requestId) {
    WorkerStream stream = streams.get(requestId);
    return stream != null && !stream.ended();
  }

  /** A refused stream was never added, and does not count. */
  void ended(WorkerStream stream) {
    if (streams.get(stream.requestId()) == stream) {
      live.decrementAndGet();
    }
  }

  void drop(WorkerStream stream) {
    if (streams.remove(stream.requestId(), stream) && !stream.ended()) {
      live.decrementAndGet();
    }
  }

  void dropIfSettled(WorkerStream stream) {
    if (stream.settled()) {
      streams.remove(stream.requestId(), stream);
    }
  }

  /** Forgets ended answers that nobody has acknowledged for too long, or that are too many. */
  void expire() {
    long now = clock.getAsLong();
    boolean tooMany = streams.size() - live.get() > MAX_ENDED;
    streams.values().removeIf(s -> s.ended() && (tooMany || now - s.endedNanos() > ttlNanos));
    synchronized (tombstones) {
      tombstones.values().removeIf(since -> now - since > ttlNanos);
    }
  }

  void addTombstone(String requestId) {
    synchronized (tombstones) {
      if (tombstones.size() >= MAX_TOMBSTONES) {
        var oldest = tombstones.keySet().iterator();
        oldest.next();
        oldest.remove();
      }
      tombstones.put(requestId, clock.getAsLong());
    }
  }

  boolean takeTombstone(String requestId) {
    synchronized (tombstones) {
      return tombstones.remove(requestId) != null;
    }
  }

  /** The requests of one life of a gateway. */
  List<WorkerStream> of(String gatewayId, long incarnation) {
    var found = new ArrayList<WorkerStream>();
    for (WorkerStream stream : streams.values()) {
      if (stream.gatewayId().equals(gatewayId) && stream.gatewayIncarnation() == incarnation) {
        found.add(stream);
      }
    }
    return found;
  }

  boolean hasAny(String gatewayId, long incarnation) {
    return !of(gatewayId, incarnation).isEmpty();
  }

  Collection<WorkerStream> all() {
    return streams.values();
  }

  List<String> liveIds() {
    return streams.values().stream()
        .filter(stream -> !stream.ended())
        .limit(MAX_TOLD)
        .map(WorkerStream::requestId)
        .toList();
  }

  int live() {
    return live.get();
  }
}
