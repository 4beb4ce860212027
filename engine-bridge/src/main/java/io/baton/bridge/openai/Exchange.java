package io.baton.bridge.openai;

import io.baton.bridge.EngineException;
import io.baton.bridge.EngineException.Kind;
import io.baton.bridge.Finish;
import io.baton.bridge.FinishReason;
import io.baton.bridge.OpenAiEngine.OpenAiRequest;
import io.baton.bridge.OpenAiEngine.OpenAiSink;
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

  private final OpenAiServer server;
  private final OpenAiSink sink;
  private final Runnable whenEnded;
  private final UsageReader usage = new UsageReader();
  private @Nullable HttpClientRequest request;
  private @Nullable HttpClientResponse response;
  private boolean sent;
  private boolean doneSeen;
  private boolean ended;

  Exchange(OpenAiServer server, OpenAiSink sink, Runnable whenEnded) {
    this.server = server;
    this.sink = sink;
    this.whenEnded = whenEnded;
  }

  void start(HttpClient client, OpenAiRequest asked, @Nullable TraceHeader trace) {
    var options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(server.url().getHost())
            .setPort(server.port())
            .setSsl(server.tls())
            .setURI(server.path(asked.path()))
            .setConnectTimeout(server.connectTimeout().toMillis())
            .setIdleTimeout(server.idleTimeout().toMillis());
    client.request(options).onSuccess(opened -> send(opened, asked, trace)).onFailure(this::failed);
  }

  private void send(HttpClientRequest opened, OpenAiRequest asked, @Nullable TraceHeader trace) {
    if (ended) {
      opened.reset();
      return;
    }
    request = opened;
    opened
        .putHeader("content-type", "application/json")
        .putHeader("x-request-id", asked.requestId());
    server.apiKey().ifPresent(key -> opened.putHeader("authorization", "Bearer " + key));
    if (trace != null) {
      opened.putHeader("traceparent", trace.traceparent());
      if (!trace.tracestate().isEmpty()) {
        opened.putHeader("tracestate", trace.tracestate());
      }
    }
    sent = true;
    opened.send(Buffer.buffer(asked.body())).onSuccess(this::answered).onFailure(this::failed);
  }

  private void answered(HttpClientResponse answer) {
    if (ended) {
      return;
    }
    response = answer;
    sink.onStatus(answer.statusCode());
    String type = answer.getHeader("content-type");
    boolean events = type != null && type.startsWith("text/event-stream");
    answer.exceptionHandler(this::failed);
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
    // Surfaces with named events end with one of these instead of [DONE].
    doneSeen |= isLast(data);
    usage.look(data);
    pauseUnless(sink.onEvent(data));
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
    sink.onFinished(
        new Finish(
            reason,
            -1,
            usage.promptTokens(),
            usage.completionTokens(),
            usage.cachedTokens(),
            0,
            0,
            -1,
            -1,
            -1,
            -1,
            0));
  }

  private void failed(Throwable cause) {
    if (ended) {
      return;
    }
    ended = true;
    whenEnded.run();
    if (request != null) {
      request.reset();
    }
    sink.onFailed(
        new EngineException(
            Kind.ENGINE,
            "server " + server.url() + ": " + cause.getMessage() + " (expected: a whole answer)",
            !sent));
  }
}
