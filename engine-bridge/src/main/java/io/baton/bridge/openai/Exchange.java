package io.baton.bridge.openai;

import io.baton.bridge.EngineException;
import io.baton.bridge.EngineException.Kind;
import io.baton.bridge.Finish;
import io.baton.bridge.FinishReason;
import io.baton.bridge.OpenAiEngine.OpenAiSink;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.bridge.server.ServerAddress;
import io.baton.bridge.server.SynthesisedSpans;
import io.baton.telemetry.slices.TraceClock;
import io.baton.telemetry.slices.TraceHeader;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One request to the server and its answer. On the engine's Vert.x context only. */
final class Exchange {
  private static final int MAX_EVENT_BYTES = 16 << 20;
  private static final int BODY_PIECE_BYTES = 256 << 10;
  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

  private final ServerAddress server;
  private final ServerExchanges.Call call;
  private final @Nullable TraceHeader trace;
  private final SynthesisedSpans spans;
  private final OpenAiSink sink;
  private final Runnable whenEnded;
  private final UsageReader usage = new UsageReader();
  private @Nullable HttpClientRequest request;
  private @Nullable HttpClientResponse response;
  private boolean sent;
  private boolean doneSeen;
  private boolean ended;
  private long sentNanos;
  private long firstNanos;

  Exchange(
      ServerAddress server,
      ServerExchanges.Call call,
      @Nullable TraceHeader trace,
      SynthesisedSpans spans,
      OpenAiSink sink,
      Runnable whenEnded) {
    this.server = server;
    this.call = call;
    this.trace = trace;
    this.spans = spans;
    this.sink = sink;
    this.whenEnded = whenEnded;
  }

  void start(HttpClient client) {
    var options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(server.url().getHost())
            .setPort(server.port())
            .setSsl(server.tls())
            .setURI(server.path(call.path()))
            .setConnectTimeout(server.connectTimeout().toMillis())
            .setIdleTimeout(server.idleTimeout().toMillis());
    client.request(options).onSuccess(this::send).onFailure(this::failed);
  }

  private void send(HttpClientRequest opened) {
    if (ended) {
      opened.reset();
      return;
    }
    request = opened;
    opened
        .putHeader("content-type", "application/json")
        .putHeader("x-request-id", call.requestId());
    server.apiKey().ifPresent(key -> opened.putHeader("authorization", "Bearer " + key));
    if (trace != null) {
      opened.putHeader("traceparent", trace.traceparent());
      if (!trace.tracestate().isEmpty()) {
        opened.putHeader("tracestate", trace.tracestate());
      }
    }
    sent = true;
    sentNanos = TraceClock.now();
    opened.send(Buffer.buffer(call.body())).onSuccess(this::answered).onFailure(this::failed);
  }

  private void answered(HttpClientResponse answer) {
    if (ended) {
      return;
    }
    response = answer;
    answer.exceptionHandler(this::failed);
    if (answer.statusCode() == 429 || answer.statusCode() == 503) {
      // Nothing was done: another worker may be tried, as for any other busy one.
      answer.body().onSuccess(body -> failed(ServerErrors.of(answer.statusCode(), text(body))));
      return;
    }
    sink.onStatus(answer.statusCode());
    String type = answer.getHeader("content-type");
    boolean events = type != null && type.startsWith("text/event-stream");
    if (events) {
      var reader = new SseReader(MAX_EVENT_BYTES, this::event);
      answer.handler(bytes -> read(reader, bytes));
      answer.endHandler(v -> eventsEnded());
    } else {
      var body = Buffer.buffer();
      answer.handler(bytes -> bodyPiece(bytes, body));
      answer.endHandler(v -> bodyEnded(body));
    }
  }

  private void read(SseReader reader, Buffer bytes) {
    try {
      reader.read(bytes.getBytes());
    } catch (SseReader.EventTooLargeException e) {
      failed(e);
    }
  }

  private void event(byte[] data) {
    if (ended) {
      return;
    }
    if (Arrays.equals(data, DONE)) {
      doneSeen = true;
      return;
    }
    if (ServerErrors.isError(data)) {
      failed(ServerErrors.inStream(data));
      return;
    }
    if (firstNanos == 0) {
      firstNanos = TraceClock.now();
    }
    // Surfaces with named events end with one of these instead of [DONE].
    doneSeen |= isLast(data);
    usage.look(data);
    if (!call.hideUsage() || !UsageReader.onlyUsage(data)) {
      pauseUnless(sink.onEvent(data));
    }
  }

  private static String text(Buffer body) {
    return body.getString(0, Math.min(body.length(), BODY_PIECE_BYTES));
  }

  private static boolean isLast(byte[] data) {
    String begin = new String(data, 0, Math.min(data.length, 64), StandardCharsets.UTF_8);
    return begin.contains("\"message_stop\"")
        || begin.contains("\"response.completed\"")
        || begin.contains("\"response.incomplete\"");
  }

  private void eventsEnded() {
    if (doneSeen) {
      finished(usage.endedByLength() ? FinishReason.LENGTH : FinishReason.STOP);
    } else {
      failed(new IllegalStateException("the server ended the stream without [DONE]"));
    }
  }

  private void bodyPiece(Buffer bytes, Buffer seen) {
    if (ended) {
      return;
    }
    if (firstNanos == 0) {
      firstNanos = TraceClock.now();
    }
    // Kept for its usage only while it is small enough to be worth it.
    if (seen.length() < BODY_PIECE_BYTES) {
      seen.appendBuffer(bytes);
    }
    for (int from = 0; from < bytes.length(); from += BODY_PIECE_BYTES) {
      int to = Math.min(bytes.length(), from + BODY_PIECE_BYTES);
      pauseUnless(sink.onBodyPiece(bytes.getBytes(from, to)));
    }
  }

  private void bodyEnded(Buffer body) {
    usage.look(body.getBytes());
    finished(usage.endedByLength() ? FinishReason.LENGTH : FinishReason.STOP);
  }

  private void pauseUnless(boolean more) {
    if (!more && response != null) {
      response.pause();
    }
  }

  /** The sink has room again. */
  void resume() {
    if (response != null && !ended) {
      response.resume();
    }
  }

  /** Closes the socket, which is how such servers are told to stop. */
  void cancel() {
    if (!ended) {
      finished(FinishReason.ABORT);
      if (request != null) {
        request.reset();
      }
    }
  }

  private void finished(FinishReason reason) {
    if (ended) {
      return;
    }
    ended = true;
    whenEnded.run();
    int made = synthesise(reason == FinishReason.ABORT ? "cancelled" : null);
    byte[] handoff = usage.handoff();
    if (call.leg() == Leg.PREFILL && handoff != null) {
      sink.onHandoff(handoff);
    }
    sink.onFinished(
        new Finish(
            reason,
            -1,
            usage.promptTokens(),
            usage.completionTokens(),
            usage.cachedTokens(),
            0,
            0,
            usage.queueSeconds(),
            usage.prefillSeconds(),
            -1,
            usage.decodeSeconds(),
            made));
  }

  private int synthesise(@Nullable String aborted) {
    String role =
        switch (call.leg()) {
          case AGGREGATED -> "";
          case PREFILL -> "prefill";
          case DECODE -> "decode";
        };
    long room = call.handoff().map(Handoff::room).orElse(0L);
    var times =
        new SynthesisedSpans.Times(
            sentNanos, firstNanos, TraceClock.now(), usage.queueSeconds(), usage.prefillSeconds());
    return spans.add(trace, role, call.rid(), room, times, aborted);
  }

  private void failed(Throwable cause) {
    failed(
        new EngineException(
            Kind.ENGINE,
            "server " + server.url() + ": " + cause.getMessage() + " (expected: a whole answer)",
            !sent));
  }

  private void failed(EngineException error) {
    if (ended) {
      return;
    }
    ended = true;
    whenEnded.run();
    if (request != null) {
      request.reset();
    }
    var _ = synthesise(error.getMessage());
    sink.onFailed(error);
  }
}
