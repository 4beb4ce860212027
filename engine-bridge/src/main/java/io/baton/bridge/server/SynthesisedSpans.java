package io.baton.bridge.server;

import io.baton.bridge.server.ServerFacts.Tracing;
import io.baton.telemetry.slices.Attributes;
import io.baton.telemetry.slices.RequestTrace;
import io.baton.telemetry.slices.SliceExporter;
import io.baton.telemetry.slices.Stage;
import io.baton.telemetry.slices.ThreadTrace;
import io.baton.telemetry.slices.TraceHeader;
import org.jspecify.annotations.Nullable;

/**
 * Engine spans for a server that makes none itself: queue, prefill and decode, from the figures in
 * its answer, else from when its answer began and ended. They say that they are synthesised and of
 * what. Never made for a server that traces itself, or may.
 */
public final class SynthesisedSpans {
  /** Attribute of each such request's spans: where their times are from. */
  static final String SOURCE = "baton.synthesised_from";

  private static final double NANOS = 1e9;

  private final SliceExporter exporter;
  private final boolean wanted;

  /** Wanted only if the server is known to make no spans. */
  public SynthesisedSpans(SliceExporter exporter, Tracing tracing) {
    this.exporter = exporter;
    this.wanted = tracing == Tracing.OFF;
  }

  /**
   * What is known of one request's time in the server.
   *
   * @param sentNanos unix nanoseconds when the request left
   * @param firstNanos when the first of the answer came; 0: nothing came
   * @param endNanos when its last came
   * @param queueSeconds as the server says; negative: it does not
   * @param prefillSeconds likewise
   */
  public record Times(
      long sentNanos, long firstNanos, long endNanos, double queueSeconds, double prefillSeconds) {}

  /**
   * Makes the spans.
   *
   * @param role empty, {@code prefill} or {@code decode}
   * @param aborted why the request was cut short; null: it was not
   * @return how many spans they are
   */
  public int add(
      @Nullable TraceHeader parent,
      String role,
      String rid,
      long room,
      Times times,
      @Nullable String aborted) {
    if (!wanted || times.sentNanos() == 0) {
      return 0;
    }
    RequestTrace trace = RequestTrace.start(exporter, parent, role, rid, room, times.sentNanos());
    if (trace == null) {
      return 0;
    }
    boolean told = times.prefillSeconds() >= 0;
    trace.attributes().with(SOURCE, told ? "engine_figures" : "arrival_times");
    ThreadTrace thread = trace.thread("Synthesised", null, times.sentNanos());
    stages(thread, times, told);
    thread.endAt(times.endNanos());
    return aborted == null
        ? trace.finish(times.endNanos())
        : trace.abort(aborted, times.endNanos());
  }

  private static void stages(ThreadTrace thread, Times times, boolean told) {
    long queued = times.sentNanos();
    if (times.queueSeconds() >= 0) {
      queued = Math.min(times.endNanos(), queued + (long) (times.queueSeconds() * NANOS));
      thread.slice(Stage.PREFILL_WAITING, times.sentNanos(), queued, Attributes.NONE);
    }
    if (times.firstNanos() == 0) {
      // Nothing came back: how much of it was prefill nobody knows.
      return;
    }
    long computed = told ? queued + (long) (times.prefillSeconds() * NANOS) : times.firstNanos();
    computed = Math.min(times.endNanos(), Math.max(queued, computed));
    thread.slice(Stage.PREFILL_FORWARD, queued, computed, Attributes.NONE);
    if (computed < times.endNanos()) {
      thread.slice(Stage.DECODE_FORWARD, computed, times.endNanos(), Attributes.NONE);
    }
  }
}
