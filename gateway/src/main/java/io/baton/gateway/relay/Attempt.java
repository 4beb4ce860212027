package io.baton.gateway.relay;

import com.google.protobuf.ByteString;
import io.baton.gateway.api.ApiException;
import io.baton.gateway.fleet.FleetWorker;
import io.baton.gateway.fleet.Pool;
import io.baton.gateway.relay.AttemptFailure.Blame;
import io.baton.kvrouter.NoWorkerException;
import io.baton.kvrouter.Phase;
import io.baton.kvrouter.RouteReceipt;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.Failed;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.GenerateRequest;
import io.baton.proto.v1.Handoff;
import io.baton.proto.v1.HandoffStyle;
import io.baton.proto.v1.OpenAiBytes;
import io.baton.proto.v1.Tokens;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.slices.TraceClock;
import io.baton.transport.Loss;
import io.baton.transport.PayloadTooLargeException;
import io.opentelemetry.api.trace.SpanKind;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One try at a request: routed, sent, and followed until its legs have ended. Aggregated it has one
 * leg; disaggregated it has two that run at once and meet in a room, and the decode leg answers. If
 * one leg fails, the other is cancelled.
 */
final class Attempt implements Leg.Owner {
  /** What the request hears of its attempt. */
  interface Owner {
    AnswerFeed feed();

    /** Something for the client has come. */
    void onProgress();

    /** The answering leg is done. */
    void onAnswered(Finished finished);

    /** There will be no answer from this attempt; legs may still be ending. */
    void onAttemptFailed(AttemptFailure failure);

    /** No leg is left. */
    void onLegsEnded();
  }

  /** Sends the decode leg once the prefill leg has ended. */
  private interface AfterPrefill {
    void send(ByteString parameters) throws ApiException;
  }

  /** How long a worker may take to say its last word after a cancel, before the leg is given up. */
  private static final long LAST_WORD_MILLIS = 2_000;

  private final Relay relay;
  private final RequestPlan plan;
  private final Leg.LegHeaders headers;
  private final Owner owner;
  private final List<Leg> legs = new ArrayList<>(2);
  private final Silence silence;
  private @Nullable Leg answering;
  private @Nullable AfterPrefill afterPrefill;
  private final LegRouter router;

  /** Whether a decode worker computes the prompt too. */
  private boolean alone;

  private boolean over;
  private boolean cancelled;

  private Attempt(Relay relay, RequestPlan plan, Leg.LegHeaders headers, Owner owner) {
    this.relay = relay;
    this.plan = plan;
    this.headers = headers;
    this.owner = owner;
    this.router = new LegRouter(plan, relay.routes());
    this.silence = new Silence(relay.vertx(), relay.settings().stallTimeout());
  }

  /**
   * Routes a request and sends its legs.
   *
   * @throws ApiException if no worker can take it; nothing is left behind then
   */
  static Attempt open(
      Relay relay,
      Context context,
      RequestPlan plan,
      int number,
      SpanDraft root,
      long remainingMillis,
      Owner owner)
      throws ApiException {
    var headers = new Leg.LegHeaders(plan.requestId(), remainingMillis, number);
    var attempt = new Attempt(relay, plan, headers, owner);
    try {
      switch (attempt.router.way()) {
        case DISAGGREGATED -> attempt.disaggregated(context, root);
        case DECODE -> attempt.one("decode", Phase.DECODE, context, root);
        case AGGREGATED -> attempt.one("aggregated", Phase.AGGREGATED, context, root);
      }
    } catch (ApiException e) {
      attempt.over = true;
      attempt.legs.forEach(leg -> leg.giveUp("not sent"));
      throw e;
    }
    return attempt;
  }

  /** One worker does all of it. */
  private void one(String name, Phase phase, Context context, SpanDraft root) throws ApiException {
    SpanDraft routing = routingSpan(root, SpanNames.ROUTE_REQUEST);
    alone = phase == Phase.DECODE;
    Leg leg = route(name, phase, routing, routing, "");
    answering = leg;
    send(leg, context, Optional.empty());
    silence.watch(() -> listen(leg));
  }

  private void disaggregated(Context context, SpanDraft root) throws ApiException {
    SpanDraft prefillRouting = routingSpan(root, SpanNames.PREFILL_ROUTING);
    SpanDraft bestMatch =
        prefillRouting.child(SpanNames.FIND_BEST_MATCH, SpanKind.INTERNAL, TraceClock.now());
    Leg prefill;
    try {
      prefill = route("prefill", Phase.PREFILL, prefillRouting, bestMatch, "");
    } finally {
      bestMatch.end(TraceClock.now());
    }
    SpanDraft routing = routingSpan(root, SpanNames.ROUTE_REQUEST);
    Leg decode =
        route("decode", Phase.DECODE, routing, routing, prefill.worker().card().getKvLayout());
    answering = decode;
    Handoff handoff = RequestPlan.handoffTo(prefill.worker());
    send(prefill, context, Optional.of(handoff));
    if (prefill.worker().card().getHandoff() == HandoffStyle.HANDOFF_PARAMETERS) {
      // Both are chosen now, but the second waits for what the first ends with.
      afterPrefill =
          parameters ->
              send(
                  decode,
                  context,
                  Optional.of(handoff.toBuilder().setParameters(parameters).build()));
    } else {
      send(decode, context, Optional.of(handoff));
    }
    silence.watch(() -> listen(decode));
  }

  private SpanDraft routingSpan(SpanDraft root, String name) {
    return root.child(name, SpanKind.INTERNAL, TraceClock.now())
        .set(SpanNames.REQUEST_ID, plan.requestId())
        .set(SpanNames.ATTEMPT, headers.attempt());
  }

  /** Chooses a worker; the leg holds the reservation from here on. */
  private Leg route(
      String name, Phase phase, SpanDraft routing, SpanDraft selectionParent, String kvLayout)
      throws ApiException {
    Pool pool = plan.pool();
    RouteReceipt receipt;
    pool.openProbes(TraceClock.now());
    try {
      receipt = router.route(phase, alone, kvLayout);
    } catch (NoWorkerException e) {
      routing.error("no_worker", String.valueOf(e.getMessage())).end(TraceClock.now());
      throw ApiException.unavailable("No worker can serve this model right now. Try again.", 1);
    } catch (ApiException e) {
      routing.error(e.shortName(), e.text()).end(TraceClock.now());
      throw e;
    }
    RouteSpans.add(selectionParent, routing, receipt);
    plan.remember(receipt.hashes());
    Optional<FleetWorker> worker = pool.worker(receipt.chosen());
    if (worker.isEmpty()) {
      receipt.reservation().release();
      routing.error("worker_left", "the chosen worker left just now").end(TraceClock.now());
      throw ApiException.unavailable("The worker chosen for this request left. Try again.", 1);
    }
    pool.chosen(worker.get(), TraceClock.now());
    var report = new LegReport(pool, receipt, relay.routes().receipts(), plan.traceId());
    Leg leg = new Leg(name, worker.get(), receipt, report, routing, this);
    leg.expect(receipt.overlapBlocks());
    legs.add(leg);
    pool.legBegan(leg.worker(), leg.place());
    return leg;
  }

  private void send(Leg leg, Context context, Optional<Handoff> handoff) throws ApiException {
    GenerateRequest.Builder request = plan.legRequest(leg.worker(), handoff);
    plan.pool().legEnded(leg.worker(), leg.place());
    leg.place(request.getRequestId());
    plan.pool().legBegan(leg.worker(), leg.place());
    try {
      leg.send(relay.transport(), relay.traces().clocks(), context, request, headers);
    } catch (PayloadTooLargeException e) {
      throw ApiException.tooLarge(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void onEnded(Leg leg) {
    plan.pool().legEnded(leg.worker(), leg.place());
    relay.admission().roomChanged();
  }

  @Override
  public void onAccepted(Leg leg, int cachedTokens) {}

  @Override
  public void onTokens(Leg leg, Tokens tokens) {
    // A prefill leg's first token travels with the KV, not through here.
    if (leg == answering && !over) {
      leg.prefillDone();
      silence.broken(TraceClock.now());
      owner.feed().tokens(tokens);
      owner.onProgress();
      if (owner.feed().complete()) {
        cancel("stop string");
      }
    }
  }

  @Override
  public void onOpenAi(Leg leg, OpenAiBytes bytes) {
    if (leg == answering && !over) {
      leg.prefillDone();
      silence.broken(TraceClock.now());
      owner.feed().openAi(bytes);
      owner.onProgress();
    }
  }

  @Override
  public void onProcessed(Leg leg, int lastSequence) {
    if (leg == answering && owner.feed().delivery().backlogged()) {
      // The window stays shut until the client has read on: a slow client slows only itself.
      owner.feed().delivery().onWritable(() -> leg.acknowledge(lastSequence));
    } else {
      leg.acknowledge(lastSequence);
    }
  }

  /**
   * Sends the decode leg with what the prefill leg has ended with. That may be nothing, when the
   * first token ended the answer: then there is nothing worth handing over.
   */
  private void handOver(Leg prefill, Finished finished) {
    AfterPrefill next = afterPrefill;
    if (next == null || prefill == answering || over || cancelled) {
      return;
    }
    afterPrefill = null;
    try {
      next.send(finished.getHandoffParameters());
    } catch (ApiException e) {
      var failed =
          Failed.newBuilder()
              .setCode(ErrorCode.ERROR_HANDOFF)
              .setMessage(String.valueOf(e.getMessage()));
      legFailed(prefill, AttemptFailure.of(failed.build(), prefill.worker()));
    }
  }

  @Override
  public void onFinished(Leg leg, Finished finished) {
    handOver(leg, finished);
    plan.pool().worked(leg.worker());
    if (leg.receipt().phase() == Phase.PREFILL) {
      leg.prefillDone();
    }
    boolean computedPrompt = leg.receipt().phase() != Phase.DECODE || alone;
    if (computedPrompt && finished.getUsage().getPromptTokens() > 0) {
      plan.pool().router().engineFound(leg.receipt(), finished.getUsage().getCachedTokens());
    }
    if (leg == answering && !over) {
      over = true;
      leg.answered(owner.feed().received());
      owner.onAnswered(finished);
    }
    tellIfEnded();
  }

  @Override
  public void onFailed(Leg leg, Failed failed) {
    AttemptFailure failure = AttemptFailure.of(failed, leg.worker());
    if (failed.getCode() == ErrorCode.ERROR_HANDOFF) {
      // Who is left alone tells of it; the other one is to be avoided.
      for (Leg other : legs) {
        failure = other == leg ? failure : failure.of(other.worker());
      }
    }
    legFailed(leg, failure);
  }

  @Override
  public void onLost(Leg leg, Loss loss) {
    legFailed(leg, AttemptFailure.of(loss, leg.worker()));
  }

  private void legFailed(Leg leg, AttemptFailure failure) {
    if (!over) {
      over = true;
      if (failure.blame() == Blame.BROKE_STREAM) {
        plan.pool().broke(failure.worker(), TraceClock.now());
      }
      cancel("the " + leg + " failed");
      if (owner.feed().complete()) {
        owner.onAnswered(Finished.getDefaultInstance());
      } else {
        owner.onAttemptFailed(failure);
      }
    }
    tellIfEnded();
  }

  /** In mid-answer, a worker that says nothing loses its work, and later this request. */
  private void listen(Leg leg) {
    if (over || ended()) {
      silence.stop();
      return;
    }
    if (owner.feed().delivery().backlogged()) {
      silence.broken(TraceClock.now());
      return;
    }
    switch (silence.judge(TraceClock.now())) {
      case FINE -> {}
      case ODD -> plan.pool().broke(leg.worker(), TraceClock.now());
      case TOO_LONG -> legFailed(leg, AttemptFailure.stalled(leg.worker()));
    }
  }

  private void tellIfEnded() {
    if (ended()) {
      silence.stop();
      owner.onLegsEnded();
    }
  }

  /** Tells every worker to stop, and waits only so long for their last words. */
  void cancel(String reason) {
    if (!cancelled && !ended()) {
      cancelled = true;
      legs.forEach(leg -> leg.cancel(reason));
      if (afterPrefill != null && answering != null) {
        // Never sent: nobody will answer for it.
        afterPrefill = null;
        answering.giveUp(reason);
      }
      relay.vertx().setTimer(LAST_WORD_MILLIS, t -> giveUp("no last word after: " + reason));
    }
  }

  /** Ends every leg without waiting any longer. */
  private void giveUp(String reason) {
    if (ended()) {
      return;
    }
    silence.stop();
    legs.forEach(leg -> leg.giveUp(reason));
    if (!over) {
      over = true;
      if (owner.feed().complete()) {
        owner.onAnswered(Finished.getDefaultInstance());
      }
    }
    owner.onLegsEnded();
  }

  /** In the order in which they were routed. */
  List<Leg> legs() {
    return legs;
  }

  boolean ended() {
    return legs.stream().allMatch(Leg::ended);
  }
}
