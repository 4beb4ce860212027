package io.baton.gateway.relay;

import io.baton.kvrouter.RouteReceipt;
import io.baton.kvrouter.RouteSteps;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.opentelemetry.api.trace.SpanKind;
import java.util.Locale;
import java.util.Optional;

/** A route receipt as spans: the router notes times, since it knows nothing of traces. */
final class RouteSpans {
  private RouteSpans() {}

  /**
   * Adds the spans of one decision.
   *
   * @param parent what the selection hangs below
   * @param routing the span that is told who was chosen and why
   */
  static void add(SpanDraft parent, SpanDraft routing, RouteReceipt receipt) {
    routing
        .set(SpanNames.WORKER_ID, receipt.chosen().workerId())
        .set(SpanNames.DP_RANK, receipt.chosen().rank())
        .set(SpanNames.OVERLAP_BLOCKS, receipt.overlapBlocks())
        .set(SpanNames.PHASE, receipt.phase().name().toLowerCase(Locale.ROOT))
        .set(SpanNames.ROUTE_REASON, receipt.reason());
    var steps = receipt.steps();
    SpanDraft select =
        parent.child(SpanNames.SELECT_WORKER, SpanKind.INTERNAL, steps.whole().startNanos());
    step(select, SpanNames.COMPUTE_BLOCK_HASHES, steps.computeBlockHashes());
    step(select, SpanNames.FIND_MATCHES, steps.findMatches());
    step(select, SpanNames.COMPUTE_SEQ_HASHES, steps.computeSeqHashes());
    step(select, SpanNames.SCHEDULE, steps.schedule());
    select.end(steps.whole().endNanos());
  }

  private static void step(SpanDraft select, String name, Optional<RouteSteps.Step> step) {
    step.ifPresent(ran -> select.closedChild(name, ran.startNanos(), ran.endNanos()));
  }
}
