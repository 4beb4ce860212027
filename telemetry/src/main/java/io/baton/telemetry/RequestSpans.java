package io.baton.telemetry;

import io.baton.telemetry.slices.Propagated;
import io.baton.telemetry.slices.RequestTrace;
import io.baton.telemetry.slices.ThreadTrace;
import io.baton.telemetry.slices.ThreadTrace.Slice;
import io.opentelemetry.api.trace.SpanKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds the spans of one finished request of an engine: {@code Bootstrap Room} > {@code Req} >
 * threads > slices. Nested slices hang below the top-level slice that encloses them.
 */
final class RequestSpans {
  private static final int RID_DIGITS = 8;

  private final RequestTrace request;
  private final TraceScope scope;
  private final List<Placed> topLevel = new ArrayList<>();

  RequestSpans(Tracing tracing, RequestTrace request) {
    this.request = request;
    this.scope = TraceScope.below(tracing, request.parent());
  }

  /** How many spans {@link #build} will make. */
  static int count(RequestTrace request) {
    int spans = request.before() == null ? 2 : 0;
    for (ThreadTrace thread : request.threads()) {
      spans += 1 + thread.slices().size();
    }
    return spans;
  }

  void build() {
    if (request.before() == null) {
      String roomId = "0x" + Long.toHexString(request.room());
      SpanDraft room = top(roomId);
      SpanDraft req =
          room.childAs(
              request.chosenSpanId(), requestName(), SpanKind.INTERNAL, request.startNanos());
      req.set(SpanNames.RID, request.rid())
          .set(SpanNames.MODULE, "sglang::request")
          .setAll(request.attributes());
      if (request.room() != 0) {
        req.set(SpanNames.BOOTSTRAP_ROOM_ATTRIBUTE, roomId);
      }
      threads(
          thread -> req.child(thread.label().spanName(), SpanKind.INTERNAL, thread.startNanos()));
      req.end(request.endNanos());
      room.end(request.endNanos());
    } else {
      // The request's own span is made where it began.
      threads(
          thread -> scope.top(thread.label().spanName(), SpanKind.INTERNAL, thread.startNanos()));
    }
    scope.finish(request.endNanos());
  }

  private void threads(Function<ThreadTrace, SpanDraft> open) {
    var threads = new ArrayList<SpanDraft>();
    for (ThreadTrace thread : request.threads()) {
      threads.add(begin(thread, open.apply(thread)));
    }
    linkInOrder();
    for (int i = 0; i < threads.size(); i++) {
      ThreadTrace thread = request.threads().get(i);
      nest(thread, threads.get(i));
      annotate(thread, threads.get(i));
    }
    topLevel.forEach(placed -> placed.span.end(placed.slice.endNanos()));
    for (int i = 0; i < threads.size(); i++) {
      threads.get(i).end(request.threads().get(i).endNanos());
    }
  }

  private SpanDraft top(String roomId) {
    return scope
        .top(
            SpanNames.BOOTSTRAP_ROOM + Long.toHexString(request.room()),
            SpanKind.INTERNAL,
            request.startNanos())
        .set(SpanNames.BOOTSTRAP_ROOM_ATTRIBUTE, roomId);
  }

  private String requestName() {
    String rid = request.rid();
    String shown = SpanNames.REQ + rid.substring(0, Math.min(RID_DIGITS, rid.length()));
    return request.role().isEmpty() ? shown : request.role() + " " + shown;
  }

  /** Begins the thread's span and its top-level slices. */
  private SpanDraft begin(ThreadTrace thread, SpanDraft span) {
    var label = thread.label();
    span.set("host_id", label.hostId())
        .set("pid", label.threadId())
        .set("thread_label", label.label());
    rank(span, "tp_rank", label.tpRank());
    rank(span, "pp_rank", label.ppRank());
    rank(span, "dp_rank", label.dpRank());
    String reason = thread.abortReason() == null ? request.abortReason() : thread.abortReason();
    if (reason != null) {
      span.error("abort", reason);
    }
    for (Slice slice : thread.slices()) {
      if (!slice.nested()) {
        topLevel.add(new Placed(thread, slice, begin(slice, span)));
      }
    }
    return span;
  }

  private static void rank(SpanDraft span, String name, @Nullable Integer rank) {
    if (rank != null) {
      span.set(name, rank);
    }
  }

  private SpanDraft begin(Slice slice, SpanDraft parent) {
    return parent
        .childAs(
            request.chosenIdOf(slice), slice.stage().name(), SpanKind.INTERNAL, slice.startNanos())
        .setAll(slice.attributes());
  }

  /** Each top-level slice follows the one that ended before it, whatever thread that was in. */
  private void linkInOrder() {
    topLevel.sort(Comparator.comparingLong(placed -> placed.slice.endNanos()));
    SpanDraft previous = null;
    Propagated before = request.before();
    if (before != null && !before.lastSliceId().isEmpty() && !topLevel.isEmpty()) {
      topLevel.getFirst().span.follows(before.lastSliceId());
    }
    for (Placed placed : topLevel) {
      if (previous != null) {
        placed.span.follows(previous);
      }
      previous = placed.span;
    }
  }

  private void nest(ThreadTrace thread, SpanDraft threadSpan) {
    for (Slice slice : thread.slices()) {
      if (slice.nested()) {
        Placed outer = enclosing(thread, slice.startNanos(), slice.endNanos());
        begin(slice, outer == null ? threadSpan : outer.span).end(slice.endNanos());
      }
    }
  }

  private void annotate(ThreadTrace thread, SpanDraft threadSpan) {
    for (ThreadTrace.Event event : thread.events()) {
      Placed at = enclosing(thread, event.nanos(), event.nanos());
      (at == null ? threadSpan : at.span).event(event.name(), event.nanos(), event.attributes());
    }
  }

  private @Nullable Placed enclosing(ThreadTrace thread, long start, long end) {
    for (Placed placed : topLevel) {
      if (placed.thread == thread
          && placed.slice.startNanos() <= start
          && end <= placed.slice.endNanos()) {
        return placed;
      }
    }
    return null;
  }

  private record Placed(ThreadTrace thread, Slice slice, SpanDraft span) {}
}
