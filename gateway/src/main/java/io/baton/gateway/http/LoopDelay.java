package io.baton.gateway.http;

import io.baton.telemetry.MetricNames;
import io.baton.telemetry.Metrics;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How late an event loop runs what is due: a timer is set, and its lateness noted. What blocks a
 * loop for longer than the pause between two looks is seen in full, what is shorter by chance.
 */
final class LoopDelay {
  private static final long EVERY_MILLIS = 20;
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(20),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2)
  };

  private final Vertx vertx;
  private final Timer delays;

  private LoopDelay(Vertx vertx, Metrics metrics) {
    this.vertx = vertx;
    this.delays = metrics.timer(MetricNames.LOOP_DELAY, BUCKETS);
  }

  /** Measures the loop that this is called on, until it ends. */
  static void measure(Vertx vertx, Metrics metrics) {
    new LoopDelay(vertx, metrics).look();
  }

  private void look() {
    long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS);
    vertx.setTimer(
        EVERY_MILLIS,
        t -> {
          delays.record(Math.max(0, System.nanoTime() - due), TimeUnit.NANOSECONDS);
          look();
        });
  }
}
