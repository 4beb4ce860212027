package io.baton.telemetry;

import io.baton.telemetry.slices.TraceHeader;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All spans that this process makes for one request (or one leg of it). They are handed to the
 * exporter together when the scope {@linkplain #finish finishes}, so no span of a request is ever
 * exported half open, and one that somebody forgot to end is found.
 *
 * <p>Used by one thread at a time, with a happens-before between them.
 */
public final class TraceScope {
  private static final String NO_PARENT = "";

  private final Tracing tracing;
  private final String traceId;
  private final String remoteParent;
  private final int flags;
  private final String tracestate;
  private final int level;
  private final boolean recording;
  private final List<SpanDraft> drafts = new ArrayList<>();
  private final SpanDraft unrecorded;
  private int made;
  private boolean finished;

  private TraceScope(
      Tracing tracing,
      String traceId,
      String remoteParent,
      int flags,
      String tracestate,
      int level,
      boolean recording) {
    this.tracing = tracing;
    this.traceId = traceId;
    this.remoteParent = remoteParent;
    this.flags = flags;
    this.tracestate = tracestate;
    this.level = level;
    this.recording = recording;
    // Carries the caller's own span id on, so that the next process hangs below the caller.
    String carried = remoteParent.equals(NO_PARENT) ? Ids.spanId() : remoteParent;
    this.unrecorded = new SpanDraft(this, carried, NO_PARENT, "", SpanKind.INTERNAL, 0);
  }

  /**
   * Continues a caller's trace, or starts one. Whether it is recorded is decided here, once: an
   * unsampled caller stays unsampled, a new trace asks the configured sampler.
   *
   * @param traceparent the caller's header; an invalid one counts as absent
   * @param tracestate ignored if {@code traceparent} is not usable
   * @param level 0 to 3; 0 passes the context on and records nothing
   */
  static TraceScope begin(
      Tracing tracing, @Nullable String traceparent, @Nullable String tracestate, int level) {
    var caller = TraceParent.parse(traceparent);
    String traceId = caller.map(TraceParent::traceId).orElseGet(Ids::traceId);
    String parent = caller.map(TraceParent::spanId).orElse(NO_PARENT);
    String state = caller.isPresent() && tracestate != null ? tracestate : "";
    boolean sampled = level > 0 && tracing.enabled() && tracing.samples(traceId, caller);
    int random = caller.map(c -> c.flags() & TraceParent.RANDOM).orElse(TraceParent.RANDOM);
    // With recording off here, the caller's decision still travels on: others may record.
    boolean sampledOnward =
        sampled || (level == 0 && caller.map(TraceParent::sampled).orElse(false));
    int flags = random | (sampledOnward ? TraceParent.SAMPLED : 0);
    return new TraceScope(tracing, traceId, parent, flags, state, level, sampled);
  }

  /** The first span of this process: below the caller's, or a root. */
  public SpanDraft top(String name, SpanKind kind, long startNanos) {
    return open(remoteParent, name, kind, startNanos);
  }

  SpanDraft open(String parentSpanId, String name, SpanKind kind, long startNanos) {
    if (!recording) {
      return unrecorded;
    }
    var draft = new SpanDraft(this, Ids.spanId(), parentSpanId, name, kind, startNanos);
    drafts.add(draft);
    return draft;
  }

  void ended(SpanDraft draft) {
    if (recording) {
      made++;
      if (finished) {
        tracing.export(List.of(draft.close(tracing)));
      }
    }
  }

  /**
   * Hands all spans over. A span still open is ended here, marked and counted: it is a defect, but
   * a gap in the trace would be a worse one.
   */
  public void finish(long nanos) {
    if (finished || !recording) {
      return;
    }
    finished = true;
    var closed = new ArrayList<ClosedSpan>(drafts.size());
    for (SpanDraft draft : drafts) {
      if (!draft.ended()) {
        tracing.countLeakedSpan();
        draft.set(SpanNames.LEAKED, true);
        finished = false;
        draft.end(nanos);
        finished = true;
      }
      closed.add(draft.close(tracing));
    }
    drafts.clear();
    tracing.export(closed);
  }

  /** Spans ended so far. */
  public int made() {
    return made;
  }

  public boolean recording() {
    return recording;
  }

  public String traceId() {
    return traceId;
  }

  public int level() {
    return level;
  }

  String tracestate() {
    return tracestate;
  }

  int flags() {
    return flags;
  }

  SpanContext contextOf(String spanId) {
    return SpanContext.create(traceId, spanId, otelFlags(), TraceState.getDefault());
  }

  SpanContext parentContextOf(String spanId) {
    if (spanId.equals(NO_PARENT)) {
      return SpanContext.getInvalid();
    }
    return spanId.equals(remoteParent)
        ? SpanContext.createFromRemoteParent(traceId, spanId, otelFlags(), TraceState.getDefault())
        : contextOf(spanId);
  }

  private TraceFlags otelFlags() {
    return TraceFlags.fromByte((byte) flags);
  }

  /** Below a context that came with a header, in the engine's own process. */
  static TraceScope below(Tracing tracing, TraceHeader parent) {
    return begin(tracing, parent.traceparent(), parent.tracestate(), parent.level());
  }
}
