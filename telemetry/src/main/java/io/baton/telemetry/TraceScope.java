package io.baton.telemetry;

import io.baton.telemetry.slices.TraceHeader;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  private final String carried;
  private final int callerFlags;
  private final String tracestate;
  private final String gateway;
  private final SpanDraft unrecorded;
  private List<SpanDraft> drafts;
  private TraceDecision decision;
  private boolean recording;
  private int made;
  private boolean finished;

  private TraceScope(
      Tracing tracing,
      @Nullable String traceparent,
      @Nullable String tracestate,
      String gateway,
      Decider decider) {
    this.tracing = tracing;
    this.gateway = gateway;
    Optional<TraceParent> caller = TraceParent.parse(traceparent);
    this.traceId = caller.map(TraceParent::traceId).orElseGet(Ids::traceId);
    this.remoteParent = caller.map(TraceParent::spanId).orElse(NO_PARENT);
    this.tracestate = caller.isPresent() && tracestate != null ? tracestate : "";
    this.callerFlags = caller.map(TraceParent::flags).orElse(TraceParent.RANDOM);
    // Carries the caller's own span id on, so that the next process hangs below the caller.
    this.carried = remoteParent.equals(NO_PARENT) ? Ids.spanId() : remoteParent;
    this.unrecorded = new SpanDraft(this, carried, NO_PARENT, "", SpanKind.INTERNAL, 0);
    this.decision = tracing.enabled() ? decider.decide(traceId, caller) : TraceDecision.NOTHING;
    this.recording = decision.records();
    this.drafts = recording ? new ArrayList<>() : List.of();
  }

  /** Says what is recorded of a trace. */
  @FunctionalInterface
  public interface Decider {
    /**
     * Decides once.
     *
     * @param caller who asked; empty for a trace that begins here
     */
    TraceDecision decide(String traceId, Optional<TraceParent> caller);
  }

  static TraceScope begin(
      Tracing tracing,
      @Nullable String traceparent,
      @Nullable String tracestate,
      String gateway,
      Decider decider) {
    return new TraceScope(tracing, traceparent, tracestate, gateway, decider);
  }

  /**
   * Decides anew what is recorded, before anything of it has left this process. Spans that were
   * begun are kept or forgotten accordingly; what was not recorded so far stays so.
   */
  public void decide(TraceDecision newDecision) {
    decision = tracing.enabled() ? newDecision : TraceDecision.NOTHING;
    recording = recording && decision.records();
    if (!recording) {
      drafts = List.of();
    }
  }

  /** The first span of this process: below the caller's, or a root. */
  public SpanDraft top(String name, SpanKind kind, long startNanos) {
    return open(remoteParent, name, kind, startNanos);
  }

  SpanDraft open(String parentSpanId, String name, SpanKind kind, long startNanos) {
    return openAs("", parentSpanId, name, kind, startNanos);
  }

  SpanDraft openAs(String id, String parentSpanId, String name, SpanKind kind, long startNanos) {
    if (!recording) {
      return unrecorded;
    }
    String spanId = id.isEmpty() ? Ids.spanId() : id;
    var draft = new SpanDraft(this, spanId, parentSpanId, name, kind, startNanos);
    drafts.add(draft);
    return draft;
  }

  void ended(SpanDraft draft) {
    if (recording) {
      made++;
      if (finished) {
        tracing.export(traceId, gateway, List.of(draft.close(tracing)), decision.deferred());
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
    tracing.export(traceId, gateway, closed, decision.deferred());
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
    return decision.level();
  }

  /** What is recorded of this request, everywhere. */
  public TraceDecision decision() {
    return decision;
  }

  String gateway() {
    return gateway;
  }

  String tracestate() {
    return tracestate;
  }

  /** The id that the next process hangs below: that of a recorded span, or the caller's. */
  String spanIdToCarry(String spanId) {
    return recording ? spanId : carried;
  }

  /** Of what travels on: who records on their own do so only if it is certain to be kept. */
  int flags() {
    int random = callerFlags & TraceParent.RANDOM;
    boolean sampled =
        switch (decision.sampling()) {
          case SAMPLED -> true;
          case DEFERRED -> false;
          // With recording off here, the caller's decision still travels on: others may record.
          case OFF -> decision.level() == 0 && (callerFlags & TraceParent.SAMPLED) != 0;
        };
    return random | (sampled ? TraceParent.SAMPLED : 0);
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

  /** Spans that exist are recorded, so they say sampled: exporters drop what does not. */
  private TraceFlags otelFlags() {
    return TraceFlags.fromByte((byte) (flags() | TraceParent.SAMPLED));
  }

  /** Below a context that came with a header, in the engine's own process. */
  static TraceScope below(Tracing tracing, TraceHeader parent) {
    return begin(
        tracing,
        parent.traceparent(),
        parent.tracestate(),
        parent.gateway(),
        (id, caller) ->
            TraceDecision.parse(
                parent.deferred() ? parent.level() + ";deferred" : "" + parent.level(), caller));
  }
}
