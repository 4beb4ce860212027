package io.baton.agent;

import io.baton.bridge.Engine;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.OpenAiEngine;
import io.baton.bridge.TokenEngine;
import io.baton.proto.Headers;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.Failed;
import io.baton.proto.v1.GenerateRequest;
import io.baton.proto.v1.RankLoad;
import io.baton.proto.v1.TraceVerdicts;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerStatus;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.TraceScope;
import io.baton.telemetry.Tracing;
import io.baton.telemetry.slices.TraceClock;
import io.baton.telemetry.slices.TraceHeader;
import io.baton.transport.IncomingRequest;
import io.baton.transport.SnapshotSource;
import io.baton.transport.WorkerHandler;
import io.opentelemetry.api.trace.SpanKind;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Between the transport and one engine. Called on NATS and timer threads; nothing here waits. */
final class WorkerAgent implements WorkerHandler {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerAgent.class);

  private final Engine engine;
  private final WorkerCard card;
  private final Tracing tracing;
  private final SpanReporter spans;
  private final WorkerMetrics metrics;
  private final Runnable onDrain;
  private final int places;

  /** Request id of the transport to the engine's id of it. */
  private final Map<String, String> rids = new ConcurrentHashMap<>();

  private final Consumer<Boolean> onHealth;
  private volatile boolean healthy = true;
  private final Object handingOver = new Object();

  /**
   * An agent of one engine.
   *
   * @param places legs at once that gateways should send; more are taken all the same
   */
  WorkerAgent(
      Engine engine,
      WorkerCard card,
      Tracing tracing,
      SpanReporter spans,
      WorkerMetrics metrics,
      int places,
      Runnable onDrain,
      Consumer<Boolean> onHealth) {
    this.engine = engine;
    this.card = card;
    this.tracing = tracing;
    this.spans = spans;
    this.metrics = metrics;
    this.places = places;
    this.onDrain = onDrain;
    this.onHealth = onHealth;
  }

  @Override
  public void onGenerate(IncomingRequest incoming) {
    GenerateRequest request = incoming.request();
    TraceScope trace =
        tracing.follow(
            incoming.header(Headers.TRACEPARENT),
            incoming.header(Headers.TRACESTATE),
            request.getGatewayId(),
            incoming.header(Headers.TRACE_LEVEL));
    SpanDraft span = handlePayload(incoming, trace);
    metrics.received(request.getLeg());
    var leg = new LegContext(request, incoming.replies(), trace, span, this::ended, metrics);
    rids.put(request.getRequestId(), request.getRid());
    TraceHeader header = incoming.header(Headers.TRACEPARENT) == null ? null : span.header();
    if (trace.recording()) {
      span.closedChild(
          SpanNames.WORKER_DISPATCH, TraceClock.at(incoming.receivedNanoTime()), TraceClock.now());
    }
    try {
      // A deadline or a lost lease comes on another thread and must not slip in between.
      synchronized (handingOver) {
        start(leg, header);
      }
    } catch (RuntimeException e) {
      LOG.error("request {} could not be handed to the engine", request.getRequestId(), e);
      leg.failed(
          Failed.newBuilder()
              .setCode(ErrorCode.ERROR_ENGINE)
              .setMessage("the worker could not hand the request to its engine: " + e)
              .build());
    }
  }

  private void start(LegContext leg, @Nullable TraceHeader header) {
    GenerateRequest request = leg.request();
    switch (engine) {
      case TokenEngine tokens when request.hasTokens() ->
          tokens.generate(
              WireRequests.tokens(request), request.getRid(), header, new TokenLeg(leg));
      case OpenAiEngine openAi when request.hasOpenai() ->
          openAi.generate(
              WireRequests.openAi(request), request.getRid(), header, new OpenAiLeg(leg));
      default ->
          leg.failed(
              Failed.newBuilder()
                  .setCode(ErrorCode.ERROR_MISDIRECTED)
                  .setUntouched(true)
                  .setMessage(
                      "form: "
                          + request.getFormCase()
                          + " (expected: the form on this worker's card, "
                          + card.getForm()
                          + ")")
                  .build());
    }
  }

  private SpanDraft handlePayload(IncomingRequest incoming, TraceScope trace) {
    long received = TraceClock.at(incoming.receivedNanoTime());
    SpanDraft span = trace.top(SpanNames.HANDLE_PAYLOAD, SpanKind.CONSUMER, received);
    if (!trace.recording()) {
      return span;
    }
    span.set(
            SpanNames.COMPONENT,
            card.getRole().name().substring("ROLE_".length()).toLowerCase(java.util.Locale.ROOT))
        .set(SpanNames.ENDPOINT, "generate")
        .set(SpanNames.NAMESPACE, card.getNamespace())
        .set(SpanNames.INSTANCE_ID, Long.toHexString(card.getIncarnation()))
        .set(SpanNames.WORKER_ID, card.getWorkerId())
        .set(SpanNames.REQUEST_ID, incoming.request().getRequestId())
        .set(SpanNames.RID, incoming.request().getRid())
        .set(SpanNames.MESSAGING_SYSTEM, "nats")
        .set(SpanNames.MESSAGING_OPERATION_NAME, "process")
        .set(SpanNames.MESSAGING_OPERATION_TYPE, "process")
        .set(SpanNames.MESSAGING_DESTINATION_TEMPLATE, "baton.{ns}.{pool}.worker.{id}.generate")
        .set(SpanNames.MESSAGING_BODY_SIZE, incoming.payloadBytes());
    TransitSpan.add(trace, span, incoming, received);
    return span;
  }

  private void ended(String requestId) {
    rids.remove(requestId);
  }

  @Override
  public void onCancel(String requestId, String reason) {
    String rid = rids.get(requestId);
    if (rid != null) {
      LOG.debug("request {} cancelled: {}", requestId, reason);
      metrics.cancelled();
      synchronized (handingOver) {
        engine.cancel(rid);
      }
    }
  }

  @Override
  public WorkerStatus.Builder status() {
    boolean now = engine.healthy();
    if (now != healthy) {
      healthy = now;
      onHealth.accept(now);
    }
    var status = WorkerStatus.newBuilder();
    long freeBlocks = 0;
    for (EngineLoad load : engine.load()) {
      freeBlocks += load.totalBlocks() - load.usedBlocks();
      status.addRanks(
          RankLoad.newBuilder()
              .setRank(load.rank())
              .setRunningRequests(load.runningRequests())
              .setWaitingRequests(load.waitingRequests())
              .setUsedBlocks(load.usedBlocks())
              .setTotalBlocks(load.totalBlocks())
              .setWaitingTokens(load.waitingTokens()));
    }
    return status
        // Of legs here, which is now; some engines' figures are a second old.
        .setCapacityRequests(Math.max(0, places - live()))
        .setCapacityTokens(Math.max(0, freeBlocks * engine.card().blockSize()));
  }

  @Override
  public SnapshotSource snapshot(int rank) {
    return WireKvEvents.snapshot(engine.kvSnapshot(rank));
  }

  @Override
  public void onVerdicts(TraceVerdicts verdicts) {
    spans.onVerdicts(verdicts);
  }

  @Override
  public void onDrain() {
    onDrain.run();
  }

  /** Legs that have not ended. */
  int live() {
    return rids.size();
  }
}
