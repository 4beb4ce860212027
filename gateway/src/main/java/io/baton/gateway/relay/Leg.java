package io.baton.gateway.relay;

import io.baton.gateway.fleet.FleetWorker;
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
import java.util.Map;
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

    /** A batch of chunks is processed: acknowledge it, now or when the client has caught up. */
    void onProcessed(Leg leg, int lastSequence);
  }

  private final String name;
  private final FleetWorker worker;
  private final RouteReceipt receipt;
  private final Reservation reservation;
  private final SpanDraft routingSpan;
  private final Owner owner;
  private @Nullable SpanDraft publishSpan;
  private @Nullable ReplyStream stream;
  private boolean ended;

  /**
   * A leg that is not sent yet.
   *
   * @param name {@code aggregated}, {@code prefill} or {@code decode}
   * @param routingSpan the span that routed it; ends when the leg ends
   */
  Leg(String name, FleetWorker worker, RouteReceipt receipt, SpanDraft routingSpan, Owner owner) {
    this.name = name;
    this.worker = worker;
    this.receipt = receipt;
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
            legHeaders.forSpan(span.header()),
            new Mailbox(context, this));
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
    routingSpan
        .set(SpanNames.FINISH_REASON, finished.getReason().name())
        .set(SpanNames.WORKER_SPANS, finished.getSpansMade());
    ended = true;
    owner.onFinished(this, finished);
    end();
  }

  private void failed(Failed failed) {
    routingSpan.error(failed.getCode().name(), failed.getMessage());
    end();
    owner.onFailed(this, failed);
  }

  @Override
  public void onLost(Loss loss) {
    if (ended) {
      return;
    }
    routingSpan.error(loss.cause().name(), loss.detail());
    end();
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
    end();
  }

  void acknowledge(int sequence) {
    if (!ended && stream != null) {
      stream.acknowledge(sequence);
    }
  }

  /** The whole answer came from here: what it took is learnt from. */
  void answered(int outputTokens) {
    reservation.output(outputTokens);
    reservation.finished();
  }

  /** The prompt is computed: its share of the worker's load is gone. */
  void prefillDone() {
    reservation.prefillDone();
  }

  private void end() {
    ended = true;
    reservation.release();
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
      headers.put(Headers.TRACE_LEVEL, Integer.toString(trace.level()));
      headers.put(Headers.REQUEST_ID, requestId);
      headers.put(Headers.REMAINING_MS, Long.toString(remainingMillis));
      headers.put(Headers.ATTEMPT, Integer.toString(attempt));
      return headers;
    }
  }
}
