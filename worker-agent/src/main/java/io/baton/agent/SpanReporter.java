package io.baton.agent;

import com.google.protobuf.ByteString;
import io.baton.proto.v1.TraceSpans;
import io.baton.proto.v1.TraceVerdicts;
import io.baton.telemetry.Inbox;
import io.baton.telemetry.SpanTap;
import io.baton.telemetry.Tracing;
import io.baton.telemetry.record.OtlpProto;
import io.baton.telemetry.record.SpanRecord;
import io.baton.transport.WorkerTraceLink;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells gateways the spans of their requests, and holds those of deferred traces until the verdict.
 * Takes lists on hot threads; all else is done on a thread of its own. Everything is bounded; what
 * does not fit is counted.
 */
final class SpanReporter implements SpanTap, AutoCloseable {
  /** Drops what comes before the worker is put together: nothing does. */
  static final SpanTap NOT_YET = (traceId, gateway, spans, deferred) -> {};

  private static final Logger LOG = LoggerFactory.getLogger(SpanReporter.class);
  private static final int QUEUE = 16_384;
  private static final int BATCH_SPANS = 512;
  private static final long PAUSE_MILLIS = 20;

  /** One list of spans, or a batch of verdicts. */
  private sealed interface Note {
    record Spans(String traceId, String gateway, List<? extends SpanData> spans, boolean deferred)
        implements Note {}

    record Judged(TraceVerdicts verdicts) implements Note {}
  }

  private final Tracing tracing;
  private final WorkerTraceLink link;
  private final HeldSpans held;
  private final Inbox<Note> notes;
  private final Map<String, List<SpanRecord>> outgoing = new HashMap<>();
  private final LongAdder dropped = new LongAdder();
  private volatile boolean reports;

  SpanReporter(Tracing tracing, WorkerTraceLink link) {
    this.tracing = tracing;
    this.link = link;
    this.held = new HeldSpans(tracing, this::report, System::nanoTime);
    this.notes =
        new Inbox<>("baton-spans", QUEUE, PAUSE_MILLIS, this::take, this::goOn, this::finish);
  }

  /**
   * Begins to take spans.
   *
   * @param toGateways whether to tell them, or only to hold what is deferred
   */
  void start(boolean toGateways) {
    reports = toGateways;
    if (tracing.enabled()) {
      tracing.tap(this);
      notes.start();
    }
  }

  @Override
  public void onSpans(
      String traceId, String gateway, List<? extends SpanData> spans, boolean deferred) {
    if ((deferred || !gateway.isEmpty())
        && !notes.offer(new Note.Spans(traceId, gateway, spans, deferred))) {
      dropped.add(spans.size());
    }
  }

  void onVerdicts(TraceVerdicts verdicts) {
    if (!notes.offer(new Note.Judged(verdicts))) {
      LOG.debug("verdicts came too fast: their traces are kept");
    }
  }

  private void goOn() {
    held.expire();
    sendAll();
  }

  private void finish() {
    held.expireAll();
    sendAll();
  }

  private void take(Note note) {
    switch (note) {
      case Note.Spans spans when spans.deferred() ->
          held.add(spans.traceId(), spans.gateway(), spans.spans());
      case Note.Spans spans -> report(spans.gateway(), spans.spans());
      case Note.Judged judged -> {
        judged.verdicts().getKeepList().forEach(id -> held.judge(hex(id), true));
        judged.verdicts().getDropList().forEach(id -> held.judge(hex(id), false));
      }
    }
  }

  private static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }

  private void report(String gateway, List<? extends SpanData> spans) {
    if (!reports || spans.isEmpty()) {
      return;
    }
    var origin = SpanRecord.originOf(spans.getFirst());
    List<SpanRecord> list = outgoing.computeIfAbsent(gateway, id -> new ArrayList<>());
    spans.forEach(span -> list.add(SpanRecord.of(span, origin)));
    if (list.size() >= BATCH_SPANS) {
      send(gateway, list);
      outgoing.remove(gateway);
    }
  }

  private void sendAll() {
    outgoing.forEach(this::send);
    outgoing.clear();
  }

  private void send(String gateway, List<SpanRecord> spans) {
    ByteString otlp = OtlpProto.message(spans).toByteString();
    if (otlp.size() > link.mostBytes() && spans.size() > 1) {
      int half = spans.size() / 2;
      send(gateway, spans.subList(0, half));
      send(gateway, spans.subList(half, spans.size()));
      return;
    }
    boolean sent =
        otlp.size() <= link.mostBytes()
            && link.send(gateway, TraceSpans.newBuilder().setOtlp(otlp).setDropped(dropped.sum()));
    if (!sent) {
      dropped.add(spans.size());
    }
  }

  /** Spans that no gateway was told of. */
  long dropped() {
    return dropped.sum();
  }

  /** Spans that wait for a verdict. */
  int held() {
    return held.size();
  }

  /** Traces that were kept since no verdict came in time. */
  long unjudged() {
    return held.unjudged();
  }

  /** Tells what is queued; keeps what has no verdict. */
  @Override
  public void close() {
    notes.close();
  }
}
