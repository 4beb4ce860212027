package io.baton.transport;

import io.baton.proto.v1.GatewayStatus;
import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerStatus;
import java.util.List;

/** Hears who exists and what their caches hold. On NATS or timer threads; must not block. */
public interface FleetListener {
  /** A worker is there: a new one, or a new life of one whose old life {@link #onGone} has told. */
  void onWorker(WorkerCard card);

  /** A heartbeat. Also ends what {@link #onSuspect} began. */
  void onStatus(WorkerAddress worker, WorkerStatus status);

  /** Silent for longer than it should be: nothing new should be sent there. */
  void onSuspect(WorkerAddress worker);

  /** Dead, stopped or restarted. */
  void onGone(WorkerAddress worker, String cause);

  /** What was known of a rank's cache is void. */
  void onKvReset(WorkerAddress worker, int rank);

  /**
   * Changes of a rank's cache, in order and without gaps; after a reset, its whole content first.
   */
  void onKvEvents(WorkerAddress worker, int rank, int blockSize, List<KvEvent> events);

  /**
   * Another gateway's heartbeat; {@code stopping} if these are its last words. A gateway that goes
   * on without a word is not told of: its last figures are void after {@code interval_ms} has
   * passed a few times.
   */
  default void onPeer(GatewayStatus status) {}
}
