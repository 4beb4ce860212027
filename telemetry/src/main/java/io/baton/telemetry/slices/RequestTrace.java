package io.baton.telemetry.slices;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an engine did for one request: the span {@code Req <rid>} and the threads below it. Threads
 * are added by whichever thread works on the request; the request must be handed between threads
 * with the usual happens-before (a queue does).
 */
public final class RequestTrace {
  private final SliceExporter exporter;
  private final TraceHeader parent;
  private final String role;
  private final String rid;
  private final long room;
  private final long startNanos;
  private final List<ThreadTrace> threads = new ArrayList<>(2);
  private final Attributes attributes = new Attributes();
  private final IdentityHashMap<ThreadTrace.Slice, String> sliceIds = new IdentityHashMap<>(0);
  private @Nullable Propagated before;
  private String spanId = "";
  private long endNanos;
  private @Nullable String abortReason;

  private RequestTrace(
      SliceExporter exporter,
      TraceHeader parent,
      String role,
      String rid,
      long room,
      long startNanos) {
    this.exporter = exporter;
    this.parent = parent;
    this.role = role;
    this.rid = rid;
    this.room = room;
    this.startNanos = startNanos;
    this.endNanos = startNanos;
  }

  /**
   * Starts to record a request, if it is to be recorded.
   *
   * @param role empty for aggregated, {@code prefill} or {@code decode}
   * @param room bootstrap room; 0 if there is none
   * @param startNanos unix nanoseconds
   * @return null when tracing is off, there is no parent, it is unsampled, or its level is 0
   */
  public static @Nullable RequestTrace start(
      SliceExporter exporter,
      @Nullable TraceHeader parent,
      String role,
      String rid,
      long room,
      long startNanos) {
    if (parent == null || !exporter.enabled() || !parent.recorded()) {
      return null;
    }
    return new RequestTrace(exporter, parent, role, rid, room, startNanos);
  }

  /**
   * Goes on with a request in another process: its threads hang below the span of the process that
   * {@linkplain #propagate handed it over}, and the first slice follows the last one there.
   *
   * @return null when tracing is off here, or nothing is recorded
   */
  public static @Nullable RequestTrace rebuildThreadContext(
      SliceExporter exporter, @Nullable Propagated from, long startNanos) {
    if (from == null || !exporter.enabled() || !from.request().recorded()) {
      return null;
    }
    var trace = new RequestTrace(exporter, from.request(), "", from.rid(), from.room(), startNanos);
    trace.before = from;
    return trace;
  }

  /**
   * What another process needs to go on. Call it when the slice that ends with the hand-over has
   * been noted.
   */
  public Propagated propagate() {
    if (before != null) {
      return before.after(lastSliceId());
    }
    String header = parent.traceparent();
    String below = header.substring(0, 36) + spanId() + header.substring(52);
    var request =
        new TraceHeader(
            below, parent.tracestate(), parent.level(), parent.deferred(), parent.gateway());
    return new Propagated(request, rid, room, lastSliceId());
  }

  private String lastSliceId() {
    ThreadTrace.Slice last = null;
    for (ThreadTrace thread : threads) {
      for (ThreadTrace.Slice slice : thread.slices()) {
        if (!slice.nested() && (last == null || slice.endNanos() >= last.endNanos())) {
          last = slice;
        }
      }
    }
    if (last == null) {
      return before == null ? "" : before.lastSliceId();
    }
    return sliceIds.computeIfAbsent(last, slice -> SpanIds.next());
  }

  /** The id of the request's own span, chosen before that exists. */
  private String spanId() {
    if (spanId.isEmpty()) {
      spanId = SpanIds.next();
    }
    return spanId;
  }

  /** The id that the request's span must have; empty if any will do. */
  public String chosenSpanId() {
    return spanId;
  }

  /** The id that a slice's span must have; empty if any will do. */
  public String chosenIdOf(ThreadTrace.Slice slice) {
    return sliceIds.getOrDefault(slice, "");
  }

  /** What this process goes on with; null if the request began here. */
  public @Nullable Propagated before() {
    return before;
  }

  /** Adds the calling thread; call it once per thread and keep the result. */
  public ThreadTrace thread(String label, @Nullable Integer tpRank, long startNanos) {
    return add(ThreadTrace.ThreadLabel.here(label, tpRank), startNanos);
  }

  /** Adds the calling thread under what {@link ThreadInfo#set} said of it. */
  public ThreadTrace thread(long startNanos) {
    return add(ThreadInfo.current(), startNanos);
  }

  private ThreadTrace add(ThreadTrace.ThreadLabel label, long at) {
    var thread = new ThreadTrace(label, at, parent.level());
    threads.add(thread);
    return thread;
  }

  /** Attributes of the request's own span. */
  public Attributes attributes() {
    return attributes;
  }

  /**
   * Ends the request and exports it; nothing may be added afterwards.
   *
   * @return how many spans it makes
   */
  public int finish(long endNanos) {
    this.endNanos = endNanos;
    threads.forEach(thread -> thread.closeOpen(endNanos));
    return exporter.export(this);
  }

  /** Ends the request as aborted; the threads' spans carry the reason. */
  public int abort(String reason, long endNanos) {
    this.abortReason = reason;
    return finish(endNanos);
  }

  public TraceHeader parent() {
    return parent;
  }

  /** Empty, {@code prefill} or {@code decode}. */
  public String role() {
    return role;
  }

  public String rid() {
    return rid;
  }

  public long room() {
    return room;
  }

  public long startNanos() {
    return startNanos;
  }

  public long endNanos() {
    return endNanos;
  }

  public List<ThreadTrace> threads() {
    return threads;
  }

  public @Nullable String abortReason() {
    return abortReason;
  }
}
