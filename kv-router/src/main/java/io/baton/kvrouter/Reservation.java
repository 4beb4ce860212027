package io.baton.kvrouter;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The load that one leg puts on the worker rank it was routed to.
 *
 * <p>Who asked for the route owns it and must call {@link #release()} on every path: end, refusal,
 * cancel, failure. Nothing is released by age. All methods may be called from any thread, do not
 * wait for anything, and do nothing after {@code release()}.
 */
public final class Reservation {
  private final Object lock = new Object();
  private final RankLoad load;
  private final AtomicLong active;
  private final int expectedOutputTokens;

  private long prefillTokens;
  private long decodeTokens;
  private long outputTokens;
  private boolean released;

  /**
   * Reserves.
   *
   * @param active counts the reservations that are not released
   * @param prefillTokens prompt tokens that the rank has to compute
   * @param promptTokens tokens whose KV the rank will hold
   * @param expectedOutputTokens further ones, counted from the start
   */
  Reservation(
      RankLoad load,
      AtomicLong active,
      long prefillTokens,
      long promptTokens,
      int expectedOutputTokens) {
    this.load = load;
    this.active = active;
    this.prefillTokens = prefillTokens;
    this.decodeTokens = promptTokens + expectedOutputTokens;
    this.expectedOutputTokens = expectedOutputTokens;
    load.add(1, prefillTokens, decodeTokens);
    active.incrementAndGet();
  }

  /** The first token is there: no prompt token waits any more. Later calls do nothing. */
  public void prefillDone() {
    synchronized (lock) {
      if (!released) {
        load.add(0, -prefillTokens, 0);
        prefillTokens = 0;
      }
    }
  }

  /**
   * Tokens were generated: beyond the expected number, the leg's KV has grown.
   *
   * @param tokens since the last call, at least 0
   */
  public void output(int tokens) {
    if (tokens < 0) {
      throw new IllegalArgumentException("tokens: " + tokens + " (expected: >= 0)");
    }
    synchronized (lock) {
      if (!released) {
        long before = Math.max(outputTokens, expectedOutputTokens);
        outputTokens += tokens;
        long grown = Math.max(outputTokens, expectedOutputTokens) - before;
        decodeTokens += grown;
        load.add(0, 0, grown);
      }
    }
  }

  /** The leg is over: gives all of it back. Later calls do nothing. */
  public void release() {
    synchronized (lock) {
      if (!released) {
        released = true;
        load.add(-1, -prefillTokens, -decodeTokens);
        active.decrementAndGet();
      }
    }
  }
}
