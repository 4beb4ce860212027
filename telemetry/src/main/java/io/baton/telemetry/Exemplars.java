package io.baton.telemetry;

import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;

/** Tells the metrics which span an observation is of, while it is made. */
final class Exemplars implements SpanContext {
  private record Span(String traceId, String spanId) {}

  private static final ThreadLocal<@Nullable Span> CURRENT = new ThreadLocal<>();

  void with(String traceId, String spanId, Runnable observation) {
    CURRENT.set(new Span(traceId, spanId));
    try {
      observation.run();
    } finally {
      CURRENT.remove();
    }
  }

  @Override
  public @Nullable String getCurrentTraceId() {
    Span span = CURRENT.get();
    return span == null ? null : span.traceId();
  }

  @Override
  public @Nullable String getCurrentSpanId() {
    Span span = CURRENT.get();
    return span == null ? null : span.spanId();
  }

  @Override
  public boolean isCurrentSpanSampled() {
    return CURRENT.get() != null;
  }

  @Override
  public void markCurrentSpanAsExemplar() {
    // Which spans are examples is not noted on them.
  }
}
