package io.baton.gateway.trace;

import io.baton.telemetry.MetricNames;
import io.baton.telemetry.Metrics;
import io.baton.telemetry.audit.Phase;
import io.baton.telemetry.audit.TraceAudit;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What the gateway counts of traces. Thread-safe. */
final class TraceMetrics {
  private static final Duration[] BUCKETS = buckets();

  private final Metrics metrics;

  TraceMetrics(Metrics metrics) {
    this.metrics = metrics;
  }

  private static Duration[] buckets() {
    double[] millis = {
      .1, .5, 1, 5, 10, 25, 50, 100, 250, 500, 1e3, 2.5e3, 5e3, 1e4, 3e4, 6e4, 3e5
    };
    var buckets = new Duration[millis.length];
    for (int i = 0; i < millis.length; i++) {
      buckets[i] = Duration.ofNanos((long) (millis[i] * 1e6));
    }
    return buckets;
  }

  void audited(TraceAudit.Result result) {
    metrics.counter(MetricNames.TRACES, "verdict", result.verdict().label()).increment();
    for (Phase phase : Phase.values()) {
      long nanos = result.path().getOrDefault(phase, 0L);
      metrics
          .timer(MetricNames.CRITICAL_PATH, BUCKETS, "phase", phase.label())
          .record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  /** Verdicts on deferred traces. */
  void judged(boolean keep) {
    metrics.counter(MetricNames.DEFERRED_TRACES, "verdict", keep ? "keep" : "drop").increment();
  }

  void firstTokenPath(Map<Phase, Long> path) {
    path.forEach((phase, nanos) ->
        metrics
            .timer(MetricNames.FIRST_TOKEN_PATH, BUCKETS, "phase", phase.label())
            .record(nanos, TimeUnit.NANOSECONDS));
  }
}
