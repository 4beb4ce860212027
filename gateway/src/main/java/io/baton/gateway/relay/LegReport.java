package io.baton.gateway.relay;

import io.baton.gateway.fleet.Pool;
import io.baton.gateway.routing.MeasuredLeg;
import io.baton.gateway.routing.ReceiptLog;
import io.baton.kvrouter.RouteReceipt;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.slices.TraceClock;

/**
 * What a leg's decision came to: told to the pool, which holds it against the worker's word, to the
 * leg's span and to the file of receipts. On the request's context only.
 */
final class LegReport {
  private final Pool pool;
  private final RouteReceipt receipt;
  private final ReceiptLog log;
  private final String traceId;
  private final long routedNanos = TraceClock.now();
  private long firstTokenNanos;
  private int outputTokens;
  private String sentAs = "";
  private boolean ended;

  LegReport(Pool pool, RouteReceipt receipt, ReceiptLog log, String traceId) {
    this.pool = pool;
    this.receipt = receipt;
    this.log = log;
    this.traceId = traceId;
  }

  /** It was published under this id. */
  void sent(String requestId) {
    sentAs = requestId;
    receipt.held().ifPresent(reservation -> pool.legSent(receipt.chosen(), requestId, reservation));
  }

  /** Its prompt is computed. */
  void firstToken() {
    if (firstTokenNanos == 0) {
      firstTokenNanos = TraceClock.now();
    }
  }

  void output(int tokens) {
    outputTokens = tokens;
  }

  /** By how much the runner-up would have been faster, as far as that is known by now. */
  void regret(SpanDraft span) {
    measured("", -1)
        .regretMillis(receipt)
        .ifPresent(regret -> span.set(SpanNames.ROUTE_REGRET_MS, regret));
  }

  /**
   * The leg is over; later calls do nothing.
   *
   * @param outcome {@code answered} or a short name of what went wrong
   * @param cachedTokens what the engine found in its cache; negative: it did not say
   */
  void ended(String outcome, long cachedTokens) {
    if (ended) {
      return;
    }
    ended = true;
    if (!sentAs.isEmpty()) {
      pool.legDone(receipt.chosen(), sentAs);
    }
    log.add(receipt, measured(outcome, cachedTokens), routedNanos, traceId);
  }

  private MeasuredLeg measured(String outcome, long cachedTokens) {
    double millis = firstTokenNanos == 0 ? -1 : (firstTokenNanos - routedNanos) / 1e6;
    return new MeasuredLeg(outcome, millis, cachedTokens, outputTokens);
  }
}
