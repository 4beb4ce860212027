package io.baton.telemetry.slices;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one thread of an engine did for one request. Used by that thread only, until the request is
 * finished.
 */
public final class ThreadTrace {
  /**
   * A closed stretch of time.
   *
   * @param startNanos unix nanoseconds
   * @param endNanos unix nanoseconds
   * @param nested lies inside the next top-level slice and carries no link
   */
  public record Slice(
      Stage stage, long startNanos, long endNanos, Attributes attributes, boolean nested) {}

  /** A point in time. */
  public record Event(String name, long nanos, Attributes attributes) {}

  private final ThreadLabel label;
  private final long startNanos;
  private final int level;
  private final List<Slice> slices = new ArrayList<>(8);
  private final List<Event> events = new ArrayList<>(0);
  private long endNanos;

  ThreadTrace(ThreadLabel label, long startNanos, int level) {
    this.label = label;
    this.startNanos = startNanos;
    this.endNanos = startNanos;
    this.level = level;
  }

  /** Notes a closed top-level slice. Dropped when the request's level is below the stage's. */
  public void slice(Stage stage, long startNanos, long endNanos, Attributes attributes) {
    add(stage, startNanos, endNanos, attributes, false);
  }

  /** Notes a closed slice that lies inside a top-level slice noted later or before. */
  public void nestedSlice(Stage stage, long startNanos, long endNanos, Attributes attributes) {
    add(stage, startNanos, endNanos, attributes, true);
  }

  private void add(Stage stage, long start, long end, Attributes attributes, boolean nested) {
    endNanos = Math.max(endNanos, end);
    if (stage.level() <= level) {
      slices.add(new Slice(stage, start, end, attributes, nested));
    }
  }

  /** Notes a point in time; shown on the slice whose interval holds it. */
  public void event(String name, int eventLevel, long nanos, Attributes attributes) {
    if (eventLevel <= level) {
      events.add(new Event(name, nanos, attributes));
    }
  }

  /** Whether slices of this level are kept, so that callers can skip making their attributes. */
  public boolean keeps(int stageLevel) {
    return stageLevel <= level;
  }

  /** Moves the end of the thread's span; it never moves back. */
  public void endAt(long nanos) {
    endNanos = Math.max(endNanos, nanos);
  }

  public ThreadLabel label() {
    return label;
  }

  public long startNanos() {
    return startNanos;
  }

  public long endNanos() {
    return endNanos;
  }

  public List<Slice> slices() {
    return slices;
  }

  public List<Event> events() {
    return events;
  }

  /**
   * Who did it.
   *
   * @param label {@code Scheduler}, {@code Tokenizer}, ...
   * @param tpRank tensor-parallel rank; null: not part of the name
   * @param hostId first 8 characters are shown
   * @param threadId native or Java id of the thread
   */
  public record ThreadLabel(String label, @Nullable Integer tpRank, String hostId, long threadId) {
    /** For a thread of this process. */
    public static ThreadLabel here(String label, @Nullable Integer tpRank) {
      return new ThreadLabel(label, tpRank, HostId.VALUE, Thread.currentThread().threadId());
    }

    /** As SGLang names its thread spans. */
    public String spanName() {
      String rank = tpRank == null ? " " : " [TP " + tpRank + "] ";
      return label
          + rank
          + "(host:"
          + hostId.substring(0, Math.min(8, hostId.length()))
          + " | pid:"
          + threadId
          + ")";
    }
  }
}
