package io.baton.transport;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a worker: live ones, ended ones whose last chunks are not acknowledged yet, and
 * tombstones of those that must not begin (again): a request may come after its cancel, and a
 * second copy of it after its end. Thread-safe.
 */
final class RequestTable {
  /** Why a request must not begin. */
  enum Tombstone {
    CANCELLED,
    ENDED
  }

  /** Ended answers that are kept at once. */
  static final int MAX_ENDED = 10_000;

  static final int MAX_TOMBSTONES = 10_000;

  private record Buried(Tombstone cause, long sinceNanos) {}

  private record Kept(WorkerStream stream, long sinceNanos) {}

  private final long ttlNanos;
  private final LongSupplier heard;
  private final Map<String, WorkerStream> streams = new ConcurrentHashMap<>();
  private final Set<String> live = ConcurrentHashMap.newKeySet();

  /** Oldest first; some have been acknowledged meanwhile. */
  private final Deque<Kept> ended = new ArrayDeque<>();

  private final Map<String, Buried> tombstones = new LinkedHashMap<>();

  /**
   * An empty table.
   *
   * @param ttl for ended answers and tombstones
   * @param heard stands still while the broker is away, since then nobody can acknowledge
   */
  RequestTable(Duration ttl, LongSupplier heard) {
    this.ttlNanos = ttl.toNanos();
    this.heard = heard;
  }

  void add(WorkerStream stream) {
    streams.put(stream.requestId(), stream);
    live.add(stream.requestId());
  }

  @Nullable WorkerStream find(String requestId) {
    return streams.get(requestId);
  }

  /** Keeps an ended answer until it is acknowledged. A refused stream was never added. */
  void ended(WorkerStream stream) {
    if (streams.get(stream.requestId()) != stream) {
      return;
    }
    live.remove(stream.requestId());
    WorkerStream tooMany = null;
    synchronized (ended) {
      ended.add(new Kept(stream, heard.getAsLong()));
      if (ended.size() > MAX_ENDED) {
        tooMany = ended.removeFirst().stream();
      }
    }
    if (tooMany != null) {
      bury(tooMany);
    }
  }

  /** Drops it, live or not: its gateway is gone. */
  void drop(WorkerStream stream) {
    if (streams.remove(stream.requestId(), stream)) {
      live.remove(stream.requestId());
    }
  }

  void dropIfSettled(WorkerStream stream) {
    if (stream.settled()) {
      bury(stream);
    }
  }

  private void bury(WorkerStream stream) {
    if (streams.remove(stream.requestId(), stream)) {
      bury(stream.requestId(), Tombstone.ENDED);
    }
  }

  /** Forgets ended answers that nobody has acknowledged for too long, and old tombstones. */
  void expire() {
    long now = heard.getAsLong();
    var expired = new ArrayList<WorkerStream>();
    synchronized (ended) {
      while (!ended.isEmpty() && isOver(ended.getFirst(), now)) {
        expired.add(ended.removeFirst().stream());
      }
    }
    expired.forEach(this::bury);
    synchronized (tombstones) {
      var oldest = tombstones.values().iterator();
      while (oldest.hasNext() && now - oldest.next().sinceNanos() > ttlNanos) {
        oldest.remove();
      }
    }
  }

  private boolean isOver(Kept kept, long now) {
    return now - kept.sinceNanos() > ttlNanos
        || streams.get(kept.stream().requestId()) != kept.stream();
  }

  void bury(String requestId, Tombstone cause) {
    synchronized (tombstones) {
      tombstones.remove(requestId);
      if (tombstones.size() >= MAX_TOMBSTONES) {
        var oldest = tombstones.keySet().iterator();
        oldest.next();
        oldest.remove();
      }
      tombstones.put(requestId, new Buried(cause, heard.getAsLong()));
    }
  }

  /** Why a request must not begin; null if it may. */
  @Nullable Tombstone tombstone(String requestId) {
    synchronized (tombstones) {
      Buried buried = tombstones.get(requestId);
      return buried == null ? null : buried.cause();
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

  /** Ids of live requests, not more than so many. */
  List<String> liveIds(long limit) {
    return live.stream().limit(limit).toList();
  }

  /** Whether every answer has arrived. */
  boolean isEmpty() {
    return streams.isEmpty();
  }

  int live() {
    return live.size();
  }
}
