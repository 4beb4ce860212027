package io.baton.agent;

import io.baton.bridge.Finish;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.Leg;
import io.baton.telemetry.MetricNames;
import io.baton.telemetry.Metrics;

/** What a worker's agent counts. Thread-safe. */
final class WorkerMetrics {
  private static final String LEG = "leg";

  private final Metrics metrics;

  WorkerMetrics(Metrics metrics) {
    this.metrics = metrics;
  }

  void received(Leg leg) {
    metrics.counter(MetricNames.WORKER + "legs", LEG, leg.name()).increment();
  }

  void finished(Finish finish) {
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
