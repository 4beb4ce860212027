package io.baton.engine.scheduler;

import io.baton.telemetry.slices.StageLatencies;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What a scheduler has done. Written by the step thread, read by anybody. */
public final class SchedulerCounters {
  public final LongAdder steps = new LongAdder();
  public final LongAdder prefillTokens = new LongAdder();
  public final LongAdder decodeTokens = new LongAdder();
  public final LongAdder cachedTokens = new LongAdder();
  public final LongAdder generatedTokens = new LongAdder();
  public final LongAdder accepted = new LongAdder();
  public final LongAdder finished = new LongAdder();
  public final LongAdder aborted = new LongAdder();
  public final LongAdder retracts = new LongAdder();
  public final LongAdder sentBlocks = new LongAdder();
  public final LongAdder sentBytes = new LongAdder();
  public final LongAdder receivedBlocks = new LongAdder();
  public final LongAdder receivedBytes = new LongAdder();
  public final LongAdder failedHandoffs = new LongAdder();
  public final LongAdder draftTokens = new LongAdder();
  public final LongAdder acceptedDraftTokens = new LongAdder();
  public final StageLatencies stages = new StageLatencies();
  public final AtomicLong longestStepNanos = new AtomicLong();

  /** Requests by where they are, as of the last step. */
  public volatile Queues queues = new Queues(0, 0, 0, 0, 0, 0);

  /**
   * How many requests are where.
   *
   * @param running in the batch
   * @param waiting for a place in it
   * @param inRoom prefill legs whose decode leg has not come
   * @param receiving decode legs whose KV is on its way
   * @param sending prefill legs whose KV is on its way
   * @param waitingTokens prompt tokens not yet computed
   */
  public record Queues(
      int running, int waiting, int inRoom, int receiving, int sending, long waitingTokens) {}
}
