package io.baton.telemetry.slices;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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

  private static final long NONE = Long.MIN_VALUE;

  private record Open(Stage stage, long startNanos) {}

  private final ThreadLabel label;
  private final long startNanos;
  private final int level;
  private final List<Slice> slices = new ArrayList<>(8);
  private final List<Event> events = new ArrayList<>(0);
  private final Deque<Open> open = new ArrayDeque<>(0);
  private long anonymousSince = NONE;
  private boolean finished;
  private @Nullable String abortReason;
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

  /**
   * Notes the last slice of this thread: nothing may follow.
   *
   * @param threadFinish whether it is
   */
  public void slice(
      Stage stage, long startNanos, long endNanos, Attributes attributes, boolean threadFinish) {
    slice(stage, startNanos, endNanos, attributes);
    finished |= threadFinish;
  }

  /** Stamps one stage on all requests of a batch; those that are not recorded are null. */
  public static void traceBatch(
      Iterable<? extends @Nullable ThreadTrace> batch,
      Stage stage,
      long startNanos,
      long endNanos,
      Attributes attributes) {
    for (ThreadTrace thread : batch) {
      if (thread != null) {
        thread.slice(stage, startNanos, endNanos, attributes);
      }
    }
  }

  /** Begins a slice that {@link #end} closes; inside an open one it is nested. */
  public void begin(Stage stage, long nanos) {
    if (anonymousSince != NONE) {
      throw new IllegalStateException(stage.name() + " inside an anonymous slice (end that first)");
    }
    open.push(new Open(stage, nanos));
  }

  /**
   * Closes the slice begun last.
   *
   * @throws IllegalStateException if none is open
   */
  public void end(long nanos, Attributes attributes) {
    Open last = open.poll();
    if (last == null) {
      throw new IllegalStateException("no slice is open (expected: begin before end)");
    }
    add(last.stage(), last.startNanos(), nanos, attributes, !open.isEmpty());
  }

  /** Begins a slice whose stage only its end will tell. Not inside another one. */
  public void beginAnonymous(long nanos) {
    if (anonymousSince != NONE || !open.isEmpty()) {
      throw new IllegalStateException("an anonymous slice inside another slice (end that first)");
    }
    anonymousSince = nanos;
  }

  /**
   * Closes the anonymous slice and says what it was.
   *
   * @param autoNextAnon whether the next one begins at once, without a gap
   */
  public void endAnonymous(Stage stage, long nanos, Attributes attributes, boolean autoNextAnon) {
    if (anonymousSince == NONE) {
      throw new IllegalStateException(stage.name() + ": no anonymous slice is open");
    }
    add(stage, anonymousSince, nanos, attributes, false);
    anonymousSince = autoNextAnon ? nanos : NONE;
  }

  /** Ends this thread's part as failed; what is open is closed. */
  public void abort(String reason, long nanos) {
    closeOpen(nanos);
    endAt(nanos);
    abortReason = reason;
    finished = true;
  }

  /** Closes what is open: an anonymous slice has no name and becomes part of the thread. */
  void closeOpen(long nanos) {
    while (!open.isEmpty()) {
      end(nanos, Attributes.NONE);
    }
    if (anonymousSince != NONE) {
      anonymousSince = NONE;
      endAt(nanos);
    }
  }

  /** Whether its last slice has been noted. */
  public boolean finished() {
    return finished;
  }

  /** Why it ended; null if it did as it should. */
  public @Nullable String abortReason() {
    return abortReason;
  }

  private void add(Stage stage, long start, long end, Attributes attributes, boolean nested) {
    if (finished) {
      throw new IllegalStateException(stage.name() + " after the thread's last slice");
    }
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
   * @param ppRank pipeline-parallel rank; null: not part of the name
   * @param dpRank data-parallel rank; null: not part of the name
   * @param hostId first 8 characters are shown
   * @param threadId native or Java id of the thread
   */
  public record ThreadLabel(
      String label,
      @Nullable Integer tpRank,
      @Nullable Integer ppRank,
      @Nullable Integer dpRank,
      String hostId,
      long threadId) {
    /** For a thread of this process. */
    public static ThreadLabel here(String label, @Nullable Integer tpRank) {
      return here(label, tpRank, null, null);
    }

    /** For a thread of this process, with all its ranks. */
    public static ThreadLabel here(
        String label,
        @Nullable Integer tpRank,
        @Nullable Integer ppRank,
        @Nullable Integer dpRank) {
      long id = Thread.currentThread().threadId();
      return new ThreadLabel(label, tpRank, ppRank, dpRank, HostId.VALUE, id);
    }

    /** As SGLang names its thread spans. */
    public String spanName() {
      return label
          + rank("TP", tpRank)
          + rank("PP", ppRank)
          + rank("DP", dpRank)
          + " (host:"
          + hostId.substring(0, Math.min(8, hostId.length()))
          + " | pid:"
          + threadId
          + ")";
    }

    private static String rank(String kind, @Nullable Integer rank) {
      return rank == null ? "" : " [" + kind + " " + rank + "]";
    }
  }
}
