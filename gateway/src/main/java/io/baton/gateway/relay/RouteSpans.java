package io.baton.gateway.relay;

import io.baton.kvrouter.CostTerms;
import io.baton.kvrouter.RouteReceipt;
import io.baton.kvrouter.RouteSteps;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.slices.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import java.util.Locale;
import java.util.Optional;

/** A route receipt as spans: the router notes times, since it knows nothing of traces. */
final class RouteSpans {
  private static final int MOST_EVENTS = 4;

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
    receipt
        .candidates()
        .getFirst()
        .cost()
        .ifPresent(cost -> routing.set(SpanNames.ROUTE_COST_MS, cost.total()));
    var steps = receipt.steps();
    SpanDraft select =
        parent.child(SpanNames.SELECT_WORKER, SpanKind.INTERNAL, steps.whole().startNanos());
    step(select, SpanNames.COMPUTE_BLOCK_HASHES, steps.computeBlockHashes());
    step(select, SpanNames.FIND_MATCHES, steps.findMatches());
    step(select, SpanNames.COMPUTE_SEQ_HASHES, steps.computeSeqHashes());
    step(select, SpanNames.SCHEDULE, steps.schedule());
    select.end(steps.whole().endNanos());
    candidates(routing, receipt);
  }

  /** One event for each of the best, with what their estimates are made of. */
  private static void candidates(SpanDraft routing, RouteReceipt receipt) {
    receipt.candidates().stream()
        .limit(MOST_EVENTS)
        .forEach(candidate -> {
          Attributes attributes =
              Attributes.of(SpanNames.WORKER_ID, candidate.worker().workerId())
                  .with(SpanNames.DP_RANK, candidate.worker().rank())
                  .with(SpanNames.OVERLAP_BLOCKS, candidate.overlap().expected());
          if (candidate.excluded().isPresent()) {
            attributes =
                attributes.with(
                    "excluded", candidate.excluded().get().name().toLowerCase(Locale.ROOT));
          }
          if (candidate.cost().isPresent()) {
            attributes = terms(attributes, candidate.cost().get());
          }
          routing.event(SpanNames.ROUTE_CANDIDATE, receipt.steps().whole().endNanos(), attributes);
        });
  }

  private static Attributes terms(Attributes attributes, CostTerms cost) {
    return attributes
        .with("cost_ms", cost.total())
        .with("queue_ms", cost.queue())
        .with("prefill_ms", cost.prefill())
        .with("transfer_ms", cost.transfer())
        .with("interference_ms", cost.interference())
        .with("cache_loss_ms", cost.cacheLoss())
        .with("decode_ms", cost.decode())
        .with("session_ms", cost.session());
  }

  private static void step(SpanDraft select, String name, Optional<RouteSteps.Step> step) {
    step.ifPresent(ran -> select.closedChild(name, ran.startNanos(), ran.endNanos()));
  }
}
