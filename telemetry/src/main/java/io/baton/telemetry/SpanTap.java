package io.baton.telemetry;

import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;

/** Sees closed spans of a process beside its exporter. On any thread; must not block. */
public interface SpanTap {
  /** Whether it gives what is to be exported to the exporter itself, when it is done with it. */
  default boolean exports() {
    return false;
  }

  /**
   * Some spans of one trace.
   *
   * @param gateway id of the gateway whose request they are of; empty in that gateway itself
   * @param deferred whether the gateway's verdict on this trace is awaited: then nothing was given
   *     to the exporter, and who takes them must {@linkplain Tracing#release release} or drop them
   */
  void onSpans(String traceId, String gateway, List<? extends SpanData> spans, boolean deferred);
}
