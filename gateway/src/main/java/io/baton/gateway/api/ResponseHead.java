package io.baton.gateway.api;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part that all answers to one HTTP request share: identification, errors, back-pressure,
 * keep-alive comments. On the request's Vert.x context only.
 */
public final class ResponseHead {
  public static final String REQUEST_ID = "x-request-id";
  static final String TRACE_ID = "x-trace-id";
  private static final Buffer KEEP_ALIVE = Buffer.buffer(": keep-alive\n\n");

  private final HttpServerResponse response;
  private final String requestId;
  private final String traceId;
  private final ErrorEnvelope envelope;
  private final List<Runnable> waiting = new ArrayList<>(1);
  private @Nullable KeepAlive keepAlive;
  private boolean wroteSinceTick;

  /** Calls back at an interval until it is cancelled. */
  public interface KeepAlive {
    /**
     * Starts.
     *
     * @return stops it again
     */
    Runnable every(Runnable tick);
  }

  private @Nullable Runnable stopKeepAlive;

  /**
   * The head of an answer that is not begun.
   *
   * @param requestId echoed in {@code x-request-id}
   * @param traceId told in {@code x-trace-id}
   * @param envelope how errors look on this surface
   */
  public ResponseHead(
      HttpServerResponse response, String requestId, String traceId, ErrorEnvelope envelope) {
    this.response = response;
    this.requestId = requestId;
    this.traceId = traceId;
    this.envelope = envelope;
  }

  /** Has comments sent while an event stream is silent, so that no proxy takes it for dead. */
  public void keepAlive(KeepAlive timer) {
    keepAlive = timer;
  }

  public HttpServerResponse response() {
    return response;
  }

  /** Puts the ids on the response; nothing is sent yet. */
  public void identify() {
    response.putHeader(REQUEST_ID, requestId).putHeader(TRACE_ID, traceId);
    if (envelope == ErrorEnvelope.ANTHROPIC) {
      response.putHeader("request-id", requestId);
    }
  }

  /** Answers with an error; only before anything else was written. */
  public Future<Void> error(ApiException error) {
    if (over()) {
      return Future.succeededFuture();
    }
    identify();
    if (error.retryAfterSeconds() > 0) {
      response.putHeader("retry-after", Integer.toString(error.retryAfterSeconds()));
    }
    if (!error.allow().isEmpty()) {
      response.putHeader("allow", error.allow());
    }
    return response
        .setStatusCode(error.status())
        .putHeader("content-type", "application/json")
        .end(envelope.body(error, requestId));
  }

  /** Answers with a JSON body. */
  public Future<Void> json(int status, Buffer body) {
    if (over()) {
      return Future.succeededFuture();
    }
    identify();
    return response.setStatusCode(status).putHeader("content-type", "application/json").end(body);
  }

  /** Sends the head of an event stream. */
  void beginEvents() {
    identify();
    response
        .setStatusCode(200)
        .setChunked(true)
        .putHeader("content-type", "text/event-stream; charset=utf-8")
        .putHeader("cache-control", "no-cache")
        // Proxies of the nginx kind would otherwise hold tokens back.
        .putHeader("x-accel-buffering", "no");
    if (keepAlive != null) {
      stopKeepAlive = keepAlive.every(this::tick);
    }
  }

  private void tick() {
    if (over()) {
      quiet();
    } else if (!wroteSinceTick && !response.writeQueueFull()) {
      response.write(keepAliveComment());
    }
    wroteSinceTick = false;
  }

  /** A comment that event streams may hold anywhere. */
  static Buffer keepAliveComment() {
    return KEEP_ALIVE.copy();
  }

  /** Something was written: no comment is needed for a while. */
  void wrote() {
    wroteSinceTick = true;
  }

  /** Ends keep-alive comments. */
  public void quiet() {
    if (stopKeepAlive != null) {
      stopKeepAlive.run();
      stopKeepAlive = null;
    }
  }

  /** Calls back once, when the client has read what was written. */
  void onWritable(Runnable callback) {
    waiting.add(callback);
    response.drainHandler(v -> {
      var ready = new ArrayList<>(waiting);
      waiting.clear();
      ready.forEach(Runnable::run);
    });
  }

  /** Whether the client is gone or has all it will get. */
  boolean over() {
    return response.ended() || response.closed();
  }
}
