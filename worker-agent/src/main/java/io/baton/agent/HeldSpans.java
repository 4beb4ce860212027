package io.baton.agent;

import io.baton.telemetry.Tracing;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Spans of deferred traces until their gateway's verdict. Without one in time, or when there is no
 * more room, they are kept and marked incomplete: a trace too many is better than a lost one. Of
 * one thread, except for the figures.
 */
final class HeldSpans {
  /** Who is told of spans that are kept. */
  interface Reporter {
    void report(String gateway, List<? extends SpanData> spans);
  }

  static final int MOST_SPANS = 200_000;
  static final long VERDICT_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int MOST_VERDICTS = 65_536;

  private record Waiting(String gateway, List<SpanData> spans, long sinceNanos) {}

  private record Verdict(boolean keep, long nanos) {}

  private final Tracing tracing;
  private final Reporter reporter;
  private final LongSupplier clock;

  // By age of their oldest span, so that the first are the first to expire.
  private final Map<String, Waiting> waiting = new LinkedHashMap<>();

  /** For spans that are made after the verdict has come: an engine's, mostly. */
  private final Map<String, Verdict> judged = new LinkedHashMap<>();

  private final LongAdder unjudged = new LongAdder();
  private final AtomicInteger size = new AtomicInteger();

  HeldSpans(Tracing tracing, Reporter reporter, LongSupplier clock) {
    this.tracing = tracing;
    this.reporter = reporter;
    this.clock = clock;
  }

  void add(String traceId, String gateway, List<? extends SpanData> spans) {
    Verdict known = judged.get(traceId);
    if (known != null) {
      if (known.keep()) {
        keep(gateway, spans);
      }
      return;
    }
    waiting
        .computeIfAbsent(traceId, id -> new Waiting(gateway, new ArrayList<>(), clock.getAsLong()))
        .spans()
        .addAll(spans);
    size.addAndGet(spans.size());
    while (size.get() > MOST_SPANS) {
      expireFirst();
    }
  }

  void judge(String traceId, boolean keep) {
    judged.put(traceId, new Verdict(keep, clock.getAsLong()));
    if (judged.size() > MOST_VERDICTS) {
      removeFirst(judged.values().iterator());
    }
    Waiting held = waiting.remove(traceId);
    if (held != null) {
      size.addAndGet(-held.spans().size());
      if (keep) {
        keep(held.gateway(), held.spans());
      }
    }
  }

  private static void removeFirst(Iterator<?> all) {
    all.next();
    all.remove();
  }

  private void keep(String gateway, List<? extends SpanData> spans) {
    tracing.release(spans);
    reporter.report(gateway, spans);
  }

  /** Keeps what has waited too long, and forgets old verdicts. */
  void expire() {
    long now = clock.getAsLong();
    while (!waiting.isEmpty()
        && now - waiting.values().iterator().next().sinceNanos() > VERDICT_NANOS) {
      expireFirst();
    }
    judged.values().removeIf(verdict -> now - verdict.nanos() > VERDICT_NANOS);
  }

  /** Keeps all: nobody will judge any more. */
  void expireAll() {
    while (!waiting.isEmpty()) {
      expireFirst();
    }
  }

  private void expireFirst() {
    Iterator<Waiting> first = waiting.values().iterator();
    Waiting held = first.next();
    first.remove();
    size.addAndGet(-held.spans().size());
    unjudged.increment();
    tracing.releaseIncomplete(held.spans());
    reporter.report(held.gateway(), held.spans());
  }

  int size() {
    return size.get();
  }

  long unjudged() {
    return unjudged.sum();
  }
}
