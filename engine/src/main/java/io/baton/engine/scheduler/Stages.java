package io.baton.engine.scheduler;

import io.baton.telemetry.slices.Attributes;
import io.baton.telemetry.slices.RequestTrace;
import io.baton.telemetry.slices.Stage;
import io.baton.telemetry.slices.StageLatencies;
import io.baton.telemetry.slices.ThreadTrace;
import io.baton.telemetry.slices.TraceClock;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler's part of a request's trace: stages follow each other without a gap. Of requests
 * that are not recorded only the stages' lengths are taken, for metrics. Times are {@link
 * System#nanoTime}'s.
 */
final class Stages {
  private final @Nullable RequestTrace trace;
  private @Nullable StageLatencies latencies;
  private @Nullable ThreadTrace thread;
  private @Nullable Stage current;
  private long since;

  Stages(@Nullable RequestTrace trace) {
    this.trace = trace;
  }

  @Nullable RequestTrace trace() {
    return trace;
  }

  boolean recorded() {
    return trace != null;
  }

  /** The first stage; called on the scheduler's thread. */
  void begin(Stage stage, long nanos, StageLatencies stageLatencies) {
    latencies = stageLatencies;
    current = stage;
    since = nanos;
    if (trace != null) {
      thread = trace.thread("Scheduler", 0, TraceClock.at(nanos));
    }
  }

  /** Ends the current stage and begins the next. */
  void next(Stage stage, long nanos) {
    close(nanos);
    current = stage;
    since = nanos;
  }

  /** Ends the last stage. */
  void end(long nanos) {
    close(nanos);
    if (thread != null) {
      thread.endAt(TraceClock.at(nanos));
    }
  }

  /** A stretch inside the current stage. */
  void nested(Stage stage, long from, long to) {
    observe(stage, to - from);
    if (thread != null && thread.keeps(stage.level())) {
      thread.nestedSlice(stage, TraceClock.at(from), TraceClock.at(to), Attributes.NONE);
    }
  }

  void nested(Stage stage, long from, long to, String name, long value) {
    if (thread != null && thread.keeps(stage.level())) {
      Attributes attributes = Attributes.of(name, value);
      thread.nestedSlice(stage, TraceClock.at(from), TraceClock.at(to), attributes);
    }
  }

  void event(String name, int level, long nanos) {
    if (thread != null && thread.keeps(level)) {
      thread.event(name, level, TraceClock.at(nanos), Attributes.NONE);
    }
  }

  /** That the request was in a batch. */
  void scheduled(long nanos, long batchId, int batchSize, String mode) {
    if (thread != null && thread.keeps(3)) {
      var attributes =
          Attributes.of("bid", String.format("%08x", (int) batchId))
              .with("batch_size", batchSize)
              .with("forward_mode", mode);
      thread.event("schedule", 3, TraceClock.at(nanos), attributes);
    }
  }

  /** Whether the request is recorded at this level, so that stamps are worth taking. */
  boolean keeps(int level) {
    return thread != null && thread.keeps(level);
  }

  private void close(long nanos) {
    if (current == null) {
      return;
    }
    observe(current, nanos - since);
    if (thread != null) {
      thread.slice(current, TraceClock.at(since), TraceClock.at(nanos), Attributes.NONE);
    }
    current = null;
  }

  private void observe(Stage stage, long nanos) {
    if (latencies != null) {
      latencies.observe(stage, nanos);
    }
  }
}
