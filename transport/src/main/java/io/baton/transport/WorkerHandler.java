package io.baton.transport;

import io.baton.proto.v1.TraceVerdicts;
import io.baton.proto.v1.WorkerStatus;

/** What a worker does with what it hears. On NATS or timer threads; must not block. */
public interface WorkerHandler {
  /** A leg to do; its answer goes to {@link IncomingRequest#replies()}. */
  void onGenerate(IncomingRequest request);

  /** Stop working on a request: its gateway says so or is gone, or its deadline has passed. */
  void onCancel(String requestId, String reason);

  /** Load and capacity; identity, live requests and the rest are filled in by the transport. */
  WorkerStatus.Builder status();

  /** What a rank's cache holds now. */
  SnapshotSource snapshot(int rank);

  /** A gateway says which deferred traces to keep. */
  default void onVerdicts(TraceVerdicts verdicts) {}

  /** Somebody wants the worker to take nothing new and to end when its requests have. */
  void onDrain();
}
