package io.baton.gateway.api;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/**
 * The part that all answers to one HTTP request share: identification, errors, back-pressure.
 *
 * @param requestId echoed in {@code x-request-id}
 * @param traceId told in {@code x-trace-id}
 */
public record ResponseHead(HttpServerResponse response, String requestId, String traceId) {
  public static final String REQUEST_ID = "x-request-id";
  static final String TRACE_ID = "x-trace-id";

  /** Puts the ids on the response; nothing is sent yet. */
  public void identify() {
    response.putHeader(REQUEST_ID, requestId).putHeader(TRACE_ID, traceId);
  }

  /** Answers with an error; only before anything else was written. */
  public Future<Void> error(ApiException error) {
    if (response.ended() || response.closed()) {
      return Future.succeededFuture();
    }
    identify();
    if (error.retryAfterSeconds() > 0) {
      response.putHeader("retry-after", Integer.toString(error.retryAfterSeconds()));
    }
    return response
        .setStatusCode(error.status())
        .putHeader("content-type", "application/json")
        .end(ErrorBody.of(error));
  }

  /** Answers with a JSON body. */
  public Future<Void> json(int status, Buffer body) {
    if (response.ended() || response.closed()) {
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
  }

  /** Whether the client is gone or has all it will get. */
  boolean over() {
    return response.ended() || response.closed();
  }
}
