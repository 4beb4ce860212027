package io.baton.gateway.relay;

import io.baton.gateway.fleet.FleetWorker;
import io.baton.gateway.trace.ClockOffsets;
import io.baton.kvrouter.Phase;
import io.baton.kvrouter.Reservation;
import io.baton.kvrouter.RouteReceipt;
import io.baton.proto.Headers;
import io.baton.proto.v1.Failed;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.GenerateRequest;
import io.baton.proto.v1.OpenAiBytes;
import io.baton.proto.v1.ReplyChunk;
import io.baton.proto.v1.Tokens;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.slices.TraceClock;
import io.baton.telemetry.slices.TraceHeader;
import io.baton.transport.GatewayTransport;
import io.baton.transport.Loss;
import io.baton.transport.PayloadTooLargeException;
import io.baton.transport.ReplyStream;
import io.opentelemetry.api.trace.SpanKind;
import io.vertx.core.Context;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One leg of an attempt: a request on its way to one worker and the chunks that come back. Ends
 * exactly once; then its span is closed and its reservation given back. On the request's context
 * only.
 */
final class Leg implements Mailbox.Reader {
  /** What the attempt hears of its legs. */
  interface Owner {
    void onAccepted(Leg leg, int cachedTokens);

    void onTokens(Leg leg, Tokens tokens);

    void onOpenAi(Leg leg, OpenAiBytes bytes);

    void onFinished(Leg leg, Finished finished);

    void onFailed(Leg leg, Failed failed);

    void onLost(Leg leg, Loss loss);

    /** It has ended, however; called once, before anything else is told of it. */
    void onEnded(Leg leg);

    /** A batch of chunks is processed: acknowledge it, now or when the client has caught up. */
    void onProcessed(Leg leg, int lastSequence);
  }

  private static final AtomicLong UNSENT = new AtomicLong();

  private final String name;
  private final FleetWorker worker;
  private final RouteReceipt receipt;
  private final Reservation reservation;
  private final LegReport report;
  private final SpanDraft routingSpan;
  private final Owner owner;
  private @Nullable SpanDraft publishSpan;
  private @Nullable ReplyStream stream;
  private ClockOffsets.@Nullable Offset clock;
  private int expectedBlocks;
  private boolean mispredicted;
  private int workerSpans = -1;

  /** What it takes its place at the worker by. */
  private String place = "unsent-" + UNSENT.incrementAndGet();

  private boolean ended;

  /**
   * A leg that is not sent yet.
   *
   * @param name {@code aggregated}, {@code prefill} or {@code decode}
   * @param report told of what becomes of it
   * @param routingSpan the span that routed it; ends when the leg ends
   */
  Leg(
      String name,
      FleetWorker worker,
      RouteReceipt receipt,
      LegReport report,
      SpanDraft routingSpan,
      Owner owner) {
    this.name = name;
    this.worker = worker;
    this.receipt = receipt;
    this.report = report;
    this.reservation = receipt.reservation();
    this.routingSpan = routingSpan;
    this.owner = owner;
  }

  /**
   * Publishes the request.
   *
   * @throws PayloadTooLargeException if the broker would not take it
   */
  void send(
      GatewayTransport transport,
      ClockOffsets clocks,
      Context context,
      GenerateRequest.Builder request,
      LegHeaders legHeaders)
      throws PayloadTooLargeException {
    SpanDraft span = routingSpan.child(SpanNames.PUBLISH, SpanKind.PRODUCER, TraceClock.now());
    publishSpan = span;
    span.set(SpanNames.MESSAGING_SYSTEM, "nats")
        .set(SpanNames.MESSAGING_OPERATION_NAME, "publish")
        .set(SpanNames.MESSAGING_OPERATION_TYPE, "send")
        .set(SpanNames.MESSAGING_DESTINATION_TEMPLATE, "baton.{ns}.{pool}.worker.{id}.generate")
        .set(SpanNames.WORKER_ID, worker.id())
        .set(SpanNames.REQUEST_ID, request.getRequestId());
    stream =
        transport.send(
            worker.address(),
            request,
            withClock(legHeaders.forSpan(span.header()), clocks),
            new Mailbox(context, this));
    report.sent(request.getRequestId());
  }

  private Map<String, String> withClock(Map<String, String> headers, ClockOffsets clocks) {
    this.clock = clocks.of(worker.address());
    if (clock != null) {
      headers.put(Headers.CLOCK, clock.offsetNanos() + ";" + clock.errorNanos());
    }
    return headers;
  }

  @Override
  public void onChunks(List<ReplyChunk> chunks) {
    for (ReplyChunk chunk : chunks) {
      if (ended) {
        return;
      }
      switch (chunk.getContentCase()) {
        case ACCEPTED -> accepted(chunk.getAccepted().getCachedTokens());
        case TOKENS -> owner.onTokens(this, chunk.getTokens());
        case OPENAI -> owner.onOpenAi(this, chunk.getOpenai());
        case FINISHED -> finished(chunk.getFinished());
        case FAILED -> failed(chunk.getFailed());
        case CONTENT_NOT_SET -> {
          // Of a newer worker: a kind of chunk that this gateway does not know and can do without.
        }
      }
    }
    if (!ended) {
      owner.onProcessed(this, chunks.getLast().getSequence());
    }
  }

  private void accepted(int cachedTokens) {
    closePublishSpan();
    owner.onAccepted(this, cachedTokens);
  }

  private void finished(Finished finished) {
    workerSpans = finished.getSpansMade();
    long cached = (long) finished.getUsage().getCachedTokens();
    mispredicted = cached < (long) expectedBlocks * worker.card().getBlockSize();
    replyTransit(finished.getSentUnixNanos());
    routingSpan
        .set(SpanNames.FINISH_REASON, finished.getReason().name())
        .set(SpanNames.WORKER_SPANS, finished.getSpansMade());
    if (receipt.phase() == Phase.PREFILL) {
      report.firstToken();
    }
    report.regret(routingSpan);
    // The owner may conclude the trace at once, but still learns from the reservation.
    closeSpans();
    owner.onFinished(this, finished);
    reservation.release();
    report.ended("answered", finished.getUsage().getPromptTokens() > 0 ? cached : -1);
  }

  private void failed(Failed failed) {
    workerSpans = failed.getSpansMade();
    replyTransit(failed.getSentUnixNanos());
    routingSpan.error(failed.getCode().name(), failed.getMessage());
    end(failed.getCode().name());
    owner.onFailed(this, failed);
  }

  /** The last chunk's way here, from the worker's stamp on this process's clock. */
  private void replyTransit(long sentUnixNanos) {
    if (sentUnixNanos == 0) {
      return;
    }
    long now = TraceClock.now();
    long offset = clock == null ? 0 : clock.offsetNanos();
    long error = clock == null ? 0 : clock.errorNanos();
    long sent = sentUnixNanos - offset;
    SpanDraft span =
        routingSpan
            .child(SpanNames.REPLY_TRANSIT, SpanKind.CONSUMER, Math.min(sent, now))
            .set(SpanNames.SENT_UNIX_NANOS, sentUnixNanos)
            .set(SpanNames.RECEIVED_UNIX_NANOS, now);
    if (sent > now + error) {
      span.set(SpanNames.CLOCK_VIOLATION_NANOS, sent - now - error);
    }
    span.end(now);
  }

  @Override
  public void onLost(Loss loss) {
    if (ended) {
      return;
    }
    routingSpan.error(loss.cause().name(), loss.detail());
    end(loss.cause().name());
    owner.onLost(this, loss);
  }

  /** Tells the worker to stop; the leg still ends by its last chunk, or by being given up. */
  void cancel(String reason) {
    if (!ended && stream != null) {
      stream.cancel(reason);
    }
  }

  /** Ends the leg without waiting for the worker any longer. */
  void giveUp(String reason) {
    if (ended) {
      return;
    }
    if (stream != null) {
      stream.cancel(reason);
      stream.forget();
    }
    routingSpan.set(SpanNames.FINISH_REASON, reason);
    end("given_up");
  }

  void acknowledge(int sequence) {
    if (!ended && stream != null) {
      stream.acknowledge(sequence);
    }
  }

  /** The whole answer came from here: what it took is learnt from. */
  void answered(int outputTokens) {
    report.output(outputTokens);
    reservation.output(outputTokens);
    reservation.finished();
  }

  /** The prompt is computed: its share of the worker's load is gone. */
  void prefillDone() {
    report.firstToken();
    reservation.prefillDone();
  }

  private void end(String outcome) {
    closeSpans();
    reservation.release();
    report.ended(outcome.toLowerCase(Locale.ROOT), -1);
  }

  private void closeSpans() {
    if (!ended) {
      ended = true;
      owner.onEnded(this);
    }
    closePublishSpan();
    routingSpan.end(TraceClock.now());
  }

  private void closePublishSpan() {
    if (publishSpan != null) {
      publishSpan.end(TraceClock.now());
    }
  }

  boolean ended() {
    return ended;
  }

  /** Spans that the worker says it made; negative if it never said. */
  int workerSpans() {
    return workerSpans;
  }

  /** How many blocks the router thinks are cached there. */
  void expect(int overlapBlocks) {
    expectedBlocks = overlapBlocks;
  }

  /** Whether fewer were, as the worker says at its end. */
  boolean mispredicted() {
    return mispredicted;
  }

  /** What the worker's spans hang below; empty if nothing was sent. */
  String publishSpanId() {
    return publishSpan == null ? "" : publishSpan.spanId();
  }

  /** What its place at the worker is known by: the id of its message, once there is one. */
  String place() {
    return place;
  }

  void place(String requestId) {
    place = requestId;
  }

  boolean prefill() {
    return name.equals("prefill");
  }

  /** The decision that sent it there. */
  RouteReceipt receipt() {
    return receipt;
  }

  FleetWorker worker() {
    return worker;
  }

  @Override
  public String toString() {
    return name + " leg on worker " + worker.id();
  }

  /**
   * Headers of a {@code generate} message.
   *
   * @param remainingMillis until the deadline
   */
  record LegHeaders(String requestId, long remainingMillis, int attempt) {
    Map<String, String> forSpan(TraceHeader trace) {
      var headers = new HashMap<String, String>();
      headers.put(Headers.TRACEPARENT, trace.traceparent());
      if (!trace.tracestate().isEmpty()) {
        headers.put(Headers.TRACESTATE, trace.tracestate());
      }
      headers.put(
          Headers.TRACE_LEVEL, trace.deferred() ? trace.level() + ";deferred" : "" + trace.level());
      headers.put(Headers.REQUEST_ID, requestId);
      headers.put(Headers.REMAINING_MS, Long.toString(remainingMillis));
      headers.put(Headers.ATTEMPT, Integer.toString(attempt));
      return headers;
    }
  }
}
