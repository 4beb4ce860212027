package io.baton.telemetry.slices;

import java.util.ArrayList;
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

  /** Adds the calling thread; call it once per thread and keep the result. */
  public ThreadTrace thread(String label, @Nullable Integer tpRank, long startNanos) {
    var thread =
        new ThreadTrace(ThreadTrace.ThreadLabel.here(label, tpRank), startNanos, parent.level());
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
