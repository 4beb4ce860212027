package io.baton.telemetry;

import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;

/** Sees closed spans of a process beside its exporter. On any thread; must not block. */
@FunctionalInterface
public interface SpanTap {
  /**
   * Some spans of one trace.
   *
   * @param deferred whether the gateway's verdict on this trace is awaited: then nothing was given
   *     to the exporter, and who takes them must {@linkplain Tracing#release release} or drop them
   */
  void onSpans(String traceId, List<? extends SpanData> spans, boolean deferred);
}
