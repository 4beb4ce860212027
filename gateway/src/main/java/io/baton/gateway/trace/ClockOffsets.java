package io.baton.gateway.trace;

import io.baton.proto.v1.ClockEcho;
import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerStatus;
import io.baton.telemetry.slices.TraceClock;
import io.baton.transport.FleetListener;
import io.baton.transport.WorkerAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How far each worker's clock is ahead of this gateway's, from echoes of heartbeats. Of the last
 * echoes the one with the shortest round trip counts, since half of it bounds the error. Passes all
 * that it hears of the fleet on. Thread-safe.
 */
public final class ClockOffsets implements FleetListener {
  /**
   * One measurement.
   *
   * @param offsetNanos the worker's clock minus this gateway's
   * @param errorNanos the offset is at most this wrong
   */
  public record Offset(long offsetNanos, long errorNanos) {}

  /** About half a minute of heartbeats: clocks drift, so old echoes must go. */
  private static final int WINDOW = 60;

  private static final class Peer {
    private final Deque<Offset> recent = new ArrayDeque<>();
    private volatile @Nullable Offset best;
    private long lastT0;
  }

  private final FleetListener next;
  private final String gatewayId;
  private final Map<WorkerAddress, Peer> peers = new ConcurrentHashMap<>();

  /**
   * Listens before somebody else.
   *
   * @param gatewayId whose echoes count
   */
  public ClockOffsets(String gatewayId, FleetListener next) {
    this.gatewayId = gatewayId;
    this.next = next;
  }

  /** What is known of a worker's clock; null before its first echo. */
  public @Nullable Offset of(WorkerAddress worker) {
    Peer peer = peers.get(worker);
    return peer == null ? null : peer.best;
  }

  /** One figure of each worker's clock, in seconds, by worker id. */
  Map<String, Double> seconds(ToLongFunction<Offset> figure) {
    Map<String, Double> known = new TreeMap<>();
    peers.forEach((worker, peer) -> {
      Offset best = peer.best;
      if (best != null) {
        known.put(worker.workerId(), figure.applyAsLong(best) / 1e9);
      }
    });
    return known;
  }

  @Override
  public void onStatus(WorkerAddress worker, WorkerStatus status) {
    long t3 = TraceClock.now();
    for (ClockEcho echo : status.getClockList()) {
      if (echo.getGatewayId().equals(gatewayId)) {
        heard(worker, echo, t3);
      }
    }
    next.onStatus(worker, status);
  }

  private void heard(WorkerAddress worker, ClockEcho echo, long t3) {
    long roundTrip = (t3 - echo.getT0()) - (echo.getT2() - echo.getT1());
    if (roundTrip < 0) {
      return;
    }
    long offset = ((echo.getT1() - echo.getT0()) + (echo.getT2() - t3)) / 2;
    Peer peer = peers.computeIfAbsent(worker, address -> new Peer());
    synchronized (peer) {
      if (echo.getT0() == peer.lastT0) {
        // The same heartbeat again: its wait at the worker tells nothing new.
        return;
      }
      peer.lastT0 = echo.getT0();
      peer.recent.addLast(new Offset(offset, roundTrip / 2));
      if (peer.recent.size() > WINDOW) {
        peer.recent.removeFirst();
      }
      Offset best = peer.recent.getFirst();
      for (Offset one : peer.recent) {
        best = one.errorNanos() < best.errorNanos() ? one : best;
      }
      peer.best = best;
    }
  }

  @Override
  public void onWorker(WorkerCard card) {
    next.onWorker(card);
  }

  @Override
  public void onSuspect(WorkerAddress worker) {
    next.onSuspect(worker);
  }

  @Override
  public void onGone(WorkerAddress worker, String cause) {
    peers.remove(worker);
    next.onGone(worker, cause);
  }

  @Override
  public void onKvReset(WorkerAddress worker, int rank) {
    next.onKvReset(worker, rank);
  }

  @Override
  public void onKvEvents(WorkerAddress worker, int rank, int blockSize, List<KvEvent> events) {
    next.onKvEvents(worker, rank, blockSize, events);
  }
}
