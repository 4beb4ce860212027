package io.baton.agent;

import com.google.protobuf.ByteString;
import io.baton.bridge.EngineException;
import io.baton.bridge.Finish;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.Failed;
import io.baton.proto.v1.FinishReason;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.GenerateRequest;
import io.baton.proto.v1.Timings;
import io.baton.proto.v1.Usage;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.TraceScope;
import io.baton.telemetry.slices.TraceClock;
import io.baton.transport.ReplyWriter;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One leg on this worker: where its answer goes, and its part of the trace. Ends once; the span is
 * closed before the last chunk leaves, so that the chunk can say how many spans there are.
 */
final class LegContext {
  private final GenerateRequest request;
  private final ReplyWriter replies;
  private final TraceScope trace;
  private final SpanDraft span;
  private final Consumer<String> whenEnded;
  private final WorkerMetrics metrics;
  private ByteString handoffParameters = ByteString.EMPTY;
  private final long beganNanoTime = System.nanoTime();
  private final AtomicBoolean ended = new AtomicBoolean();

  LegContext(
      GenerateRequest request,
      ReplyWriter replies,
      TraceScope trace,
      SpanDraft span,
      Consumer<String> whenEnded,
      WorkerMetrics metrics) {
    this.request = request;
    this.replies = replies;
    this.trace = trace;
    this.span = span;
    this.whenEnded = whenEnded;
    this.metrics = metrics;
  }

  GenerateRequest request() {
    return request;
  }

  ReplyWriter replies() {
    return replies;
  }

  /** Goes with the last chunk. */
  void handoff(byte[] parameters) {
    handoffParameters = ByteString.copyFrom(parameters);
  }

  void finished(Finish finish) {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    FinishReason reason = WireRequests.reason(finish.reason());
    span.set(SpanNames.FINISH_REASON, reason.name())
        .set(SpanNames.GEN_AI_INPUT_TOKENS, finish.promptTokens())
        .set(SpanNames.GEN_AI_OUTPUT_TOKENS, finish.completionTokens())
        .set(SpanNames.GEN_AI_CACHED_TOKENS, finish.cachedTokens());
    int made = closeTrace() + finish.spansMade();
    var finished =
        Finished.newBuilder()
            .setReason(reason)
            .setUsage(usage(finish))
            .setTimings(timings(finish))
            .setHandoffParameters(handoffParameters)
            .setSpansMade(made)
            .setSentUnixNanos(TraceClock.now());
    if (finish.stopToken() >= 0) {
      finished.setStopToken(finish.stopToken());
    }
    metrics.finished(finish, (System.nanoTime() - beganNanoTime) / 1e9);
    replies.finished(finished.build());
    whenEnded.accept(request.getRequestId());
  }

  void failed(EngineException error) {
    failed(
        Failed.newBuilder()
            .setCode(code(error.kind()))
            .setMessage(error.getMessage())
            .setUntouched(error.untouched())
            .build());
  }

  void failed(Failed failed) {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    span.error(failed.getCode().name(), failed.getMessage());
    int made = closeTrace();
    metrics.failed(failed.getCode());
    replies.failed(
        failed.toBuilder().setSpansMade(made).setSentUnixNanos(TraceClock.now()).build());
    whenEnded.accept(request.getRequestId());
  }

  private int closeTrace() {
    long now = TraceClock.now();
    span.end(now);
    trace.finish(now);
    return trace.made();
  }

  private static ErrorCode code(EngineException.Kind kind) {
    return switch (kind) {
      case INVALID_REQUEST -> ErrorCode.ERROR_INVALID_REQUEST;
      case BUSY -> ErrorCode.ERROR_BUSY;
      case HANDOFF -> ErrorCode.ERROR_HANDOFF;
      case ENGINE -> ErrorCode.ERROR_ENGINE;
    };
  }

  private static Usage usage(Finish finish) {
    return Usage.newBuilder()
        .setPromptTokens(Math.max(0, finish.promptTokens()))
        .setCompletionTokens(Math.max(0, finish.completionTokens()))
        .setCachedTokens(Math.max(0, finish.cachedTokens()))
        .setTransferredTokens(Math.max(0, finish.transferredTokens()))
        .setTransferredBytes(Math.max(0, finish.transferredBytes()))
        .build();
  }

  private static Timings timings(Finish finish) {
    var timings = Timings.newBuilder();
    if (finish.queueSeconds() >= 0) {
      timings.setQueueSeconds(finish.queueSeconds());
    }
    if (finish.prefillSeconds() >= 0) {
      timings.setPrefillSeconds(finish.prefillSeconds());
    }
    if (finish.transferSeconds() >= 0) {
      timings.setTransferSeconds(finish.transferSeconds());
    }
    if (finish.decodeSeconds() >= 0) {
      timings.setDecodeSeconds(finish.decodeSeconds());
    }
    return timings.build();
  }
}
