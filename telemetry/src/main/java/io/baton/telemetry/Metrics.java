package io.baton.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.DoubleSupplier;

/** A process's metrics, read by Prometheus. Thread-safe. */
public final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  // Micrometer holds what a function counter reads only weakly.
  private final Queue<DoubleSupplier> held = new ConcurrentLinkedQueue<>();
  private final JvmGcMetrics garbageCollector = new JvmGcMetrics();

  /** With the JVM's own metrics in it. */
  public Metrics() {
    garbageCollector.bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
  }

  /** A counter; made at first use. */
  public Counter counter(String name, String... tags) {
    return registry.counter(name, tags);
  }

  /** A histogram of durations with fixed buckets; made at first use. */
  public Timer timer(String name, Duration[] buckets, String... tags) {
    return Timer.builder(name).serviceLevelObjectives(buckets).tags(tags).register(registry);
  }

  /** Shows a value that is read when somebody looks. */
  public void gauge(String name, DoubleSupplier value, String... tags) {
    Gauge.builder(name, value, DoubleSupplier::getAsDouble)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  /** Shows a count that is kept elsewhere and only rises. */
  public void count(String name, DoubleSupplier value, String... tags) {
    held.add(value);
    FunctionCounter.builder(name, value, DoubleSupplier::getAsDouble).tags(tags).register(registry);
  }

  /** All metrics in Prometheus' text format. */
  public String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    garbageCollector.close();
    registry.close();
  }
}
