package io.baton.kvrouter;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The load that one routed leg puts on its worker rank, from the decision on.
 *
 * <p>Whoever routed it must {@link #release()} it when the leg ends, on every path: finish,
 * refusal, cancel, failure. Nothing is released by age. All methods may be called from any thread,
 * do not wait for anything, and do nothing after {@code release()}.
 */
public final class Reservation {
  private final RankLoad load;
  private final AtomicLong active;
  private final LongSupplier nanoClock;
  private final LearntCosts learnt;
  private final Amounts amounts;
  private final long madeNanos;
  private final double workAhead;

  /** Neighbours in the rank's queue; guarded by its lock. */
  @Nullable Reservation before;

  @Nullable Reservation after;

  private long kvTokens;
  private boolean prefilled;
  private long firstTokenNanos;
  private long requestsAtFirstToken;
  private long kvAtFirstToken;
  private long outputTokens;
  private boolean released;

  /**
   * How much a leg takes.
   *
   * @param prefillTokens prompt tokens that the rank has to compute
   * @param promptTokens tokens whose KV the rank will hold
   * @param expectedOutputTokens further ones, counted from the start
   */
  record Amounts(long prefillTokens, long promptTokens, long expectedOutputTokens) {}

  /**
   * Reserves.
   *
   * @param active counts the reservations that are not released
   * @param learnt is told how long it took
   */
  Reservation(
      RankLoad load,
      AtomicLong active,
      LongSupplier nanoClock,
      LearntCosts learnt,
      Amounts amounts) {
    this.load = load;
    this.active = active;
    this.nanoClock = nanoClock;
    this.learnt = learnt;
    this.amounts = amounts;
    this.kvTokens = amounts.promptTokens + amounts.expectedOutputTokens;
    this.prefilled = amounts.prefillTokens == 0;
    this.madeNanos = nanoClock.getAsLong();
    this.workAhead =
        amounts.prefillTokens + load.backlogTokens(madeNanos, learnt.now().prefillMillisPerToken());
    load.begin(this, madeNanos);
    active.incrementAndGet();
  }

  /** What was to be computed when it was made. */
  long prefillTokens() {
    return amounts.prefillTokens;
  }

  synchronized long kvTokens() {
    return kvTokens;
  }

  /** Whether the prompt is still to be computed, as far as anybody knows. */
  synchronized boolean awaitsPrefill() {
    return !prefilled && !released;
  }

  /** The first token is there: no prompt token waits any more. Later calls do nothing. */
  public synchronized void prefillDone() {
    if (released || firstTokenNanos != 0) {
      return;
    }
    firstTokenNanos = nanoClock.getAsLong();
    requestsAtFirstToken = load.activeRequests();
    kvAtFirstToken = load.decodeTokens();
    if (!prefilled) {
      prefilled = true;
      load.prefilled(this, amounts.prefillTokens, firstTokenNanos);
      learnt.sawFirstToken(workAhead, (firstTokenNanos - madeNanos) / 1e6);
    }
  }

  /**
   * Tokens were generated: beyond the expected number, the leg's KV has grown.
   *
   * @param tokens since the last call, at least 0
   */
  public synchronized void output(int tokens) {
    if (tokens < 0) {
      throw new IllegalArgumentException("tokens: " + tokens + " (expected: >= 0)");
    }
    if (released) {
      return;
    }
    long expected = amounts.expectedOutputTokens;
    long counted = Math.max(outputTokens, expected);
    outputTokens += tokens;
    long grown = Math.max(outputTokens, expected) - counted;
    if (grown > 0) {
      kvTokens += grown;
      load.grown(grown);
    }
  }

  /** The answer is complete: what it took is learnt from, then all of it is given back. */
  public synchronized void finished() {
    if (!released && firstTokenNanos != 0 && outputTokens > 1) {
      double millis = (nanoClock.getAsLong() - firstTokenNanos) / 1e6;
      learnt.sawAnswer(
          (int) outputTokens,
          millis,
          (requestsAtFirstToken + load.activeRequests()) / 2.0,
          (kvAtFirstToken + load.decodeTokens()) / 2.0);
    }
    release();
  }

  /** The leg is over: gives all of it back. Later calls do nothing. */
  public synchronized void release() {
    if (released) {
      return;
    }
    released = true;
    if (!prefilled) {
      prefilled = true;
      load.prefilled(this, amounts.prefillTokens, nanoClock.getAsLong());
    }
    load.end(kvTokens);
    active.decrementAndGet();
  }
}
