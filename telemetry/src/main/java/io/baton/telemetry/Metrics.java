package io.baton.telemetry;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A process's metrics, read by Prometheus. Thread-safe. */
public final class Metrics implements AutoCloseable {
  /** Content type of Prometheus' plain text, without exemplars. */
  public static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  /** Content type that carries exemplars. */
  public static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final Exemplars exemplars = new Exemplars();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(
          PrometheusConfig.DEFAULT, new PrometheusRegistry(), Clock.SYSTEM, exemplars);
  private final Queue<Runnable> refreshers = new ConcurrentLinkedQueue<>();
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

  /** Shows one value per label, of a map that is read when somebody looks. */
  public void gauges(String name, String label, Supplier<Map<String, Double>> values) {
    MultiGauge gauge = MultiGauge.builder(name).register(registry);
    refreshers.add(() -> {
      var rows = new ArrayList<MultiGauge.Row<?>>();
      values.get().forEach((value, number) -> rows.add(Row.of(Tags.of(label, value), number)));
      gauge.register(rows, true);
    });
  }

  /** Records with a span as the example; not if its trace may still be dropped. */
  public void record(Timer timer, long nanos, SpanDraft span) {
    if (span.sampled()) {
      exemplars.with(span.traceId(), span.spanId(), () -> timer.record(nanos, NANOSECONDS));
    } else {
      timer.record(nanos, NANOSECONDS);
    }
  }

  /** All metrics in Prometheus' text format. */
  public String scrape() {
    return scrape(TEXT);
  }

  /** What to answer to a scraper's {@code Accept} header. */
  public static String contentType(@Nullable String accept) {
    return accept != null && accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
  }

  /**
   * All metrics.
   *
   * @param contentType {@link #TEXT} or {@link #OPEN_METRICS}
   */
  public String scrape(String contentType) {
    refreshers.forEach(Runnable::run);
    return registry.scrape(contentType);
  }

  @Override
  public void close() {
    garbageCollector.close();
    registry.close();
  }
}
