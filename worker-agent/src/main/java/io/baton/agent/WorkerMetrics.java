package io.baton.agent;

import io.baton.bridge.Finish;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.Leg;
import io.baton.telemetry.MetricNames;
import io.baton.telemetry.Metrics;
import org.jspecify.annotations.Nullable;

/** What a worker's agent counts. Thread-safe. */
final class WorkerMetrics {
  private static final String LEG = "leg";

  private final Metrics metrics;

  private final @Nullable SglangMetrics sglang;

  WorkerMetrics(Metrics metrics, @Nullable SglangMetrics sglang) {
    this.metrics = metrics;
    this.sglang = sglang;
  }

  void received(Leg leg) {
    metrics.counter(MetricNames.WORKER + "legs", LEG, leg.name()).increment();
  }

  /**
   * A leg has ended well.
   *
   * @param seconds it took here
   */
  void finished(Finish finish, double seconds) {
    if (sglang != null) {
      sglang.finished(finish, seconds);
    }
    metrics
        .counter(MetricNames.WORKER + "legs.finished", "reason", finish.reason().name())
        .increment();
    metrics
        .counter(MetricNames.WORKER + "transferred.bytes")
        .increment((double) Math.max(0, finish.transferredBytes()));
  }

  void failed(ErrorCode code) {
    metrics.counter(MetricNames.WORKER + "legs.failed", "code", code.name()).increment();
  }

  void cancelled() {
    metrics.counter(MetricNames.WORKER + "cancels").increment();
  }
}
