package io.baton.gateway.relay;

import io.baton.kvrouter.RouteReceipt;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.opentelemetry.api.trace.SpanKind;

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
        .set(SpanNames.PHASE, receipt.phase().name().toLowerCase(java.util.Locale.ROOT))
        .set(SpanNames.ROUTE_REASON, receipt.reason());
    var steps = receipt.steps();
    SpanDraft select =
        parent.child(SpanNames.SELECT_WORKER, SpanKind.INTERNAL, steps.startNanos());
    step(select, SpanNames.COMPUTE_BLOCK_HASHES, steps.blockHashes());
    step(select, SpanNames.FIND_MATCHES, steps.findMatches());
    step(select, SpanNames.COMPUTE_SEQ_HASHES, steps.sequenceHashes());
    step(select, SpanNames.SCHEDULE, steps.schedule());
    select.end(steps.endNanos());
  }

  private static void step(SpanDraft select, String name, RouteReceipt.Step step) {
    if (step.ran()) {
      select.closedChild(name, step.startNanos(), step.endNanos());
    }
  }
}
