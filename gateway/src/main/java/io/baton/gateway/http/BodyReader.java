package io.baton.gateway.http;

import io.baton.gateway.api.ApiException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Reads a request's body up to a limit of size and time, and unpacks it; beyond a limit the client
 * hears which. On the request's Vert.x context only.
 */
final class BodyReader {
  private static final long LINGER_MILLIS = 1_000;

  private final Vertx vertx;
  private final Context context;
  private final HttpServerRequest request;
  private final long maxBytes;
  private final Duration timeout;
  private final Buffer body = Buffer.buffer();
  private boolean over;

  BodyReader(
      Vertx vertx, Context context, HttpServerRequest request, long maxBytes, Duration timeout) {
    this.vertx = vertx;
    this.context = context;
    this.request = request;
    this.maxBytes = maxBytes;
    this.timeout = timeout;
  }

  /** Calls exactly one of the two, unless the client leaves first. */
  void read(Consumer<byte[]> whenRead, Consumer<ApiException> whenRefused) {
    String given = request.getHeader("content-encoding");
    String encoding = given == null ? "" : given.strip();
    long timer =
        vertx.setTimer(
            timeout.toMillis(),
            t -> refuse(ApiException.bodyTimeout(timeout.toMillis()), whenRefused));
    request.exceptionHandler(e -> {
      over = true;
      vertx.cancelTimer(timer);
    });
    request.handler(piece -> {
      if (!over && body.length() + piece.length() > maxBytes) {
        // What still comes is read and dropped, so that the client gets to read the answer.
        refuse(tooLarge(maxBytes), whenRefused);
      } else if (!over) {
        body.appendBuffer(piece);
      }
    });
    request.endHandler(v -> {
      vertx.cancelTimer(timer);
      if (!over) {
        over = true;
        unpacked(encoding, whenRead, whenRefused);
      }
    });
    if (!Inflation.knows(encoding)) {
      refuse(ApiException.unsupportedEncoding(encoding), whenRefused);
    } else if (announcedBytes() > maxBytes) {
      refuse(tooLarge(maxBytes), whenRefused);
    }
  }

  private void refuse(ApiException error, Consumer<ApiException> whenRefused) {
    if (!over) {
      over = true;
      leaveUnread();
      whenRefused.accept(error);
    }
  }

  /**
   * The rest of the body is not waited for: a connection with half a request on it cannot be used
   * again. Closing at once could take the answer from a client that is still sending.
   */
  private void leaveUnread() {
    if (request.version() != HttpVersion.HTTP_2) {
      request.response().putHeader("connection", "close");
      vertx.setTimer(LINGER_MILLIS, t -> request.connection().close());
    }
  }

  private long announcedBytes() {
    String length = request.getHeader("content-length");
    try {
      return length == null ? 0 : Long.parseLong(length.strip());
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private void unpacked(
      String encoding, Consumer<byte[]> whenRead, Consumer<ApiException> whenRefused) {
    if (!Inflation.isPacked(encoding)) {
      whenRead.accept(body.getBytes());
      return;
    }
    byte[] packed = body.getBytes();
    context
        .<byte[]>executeBlocking(() -> Inflation.unpack(packed, encoding, maxBytes), false)
        .map(Objects::requireNonNull)
        .onSuccess(whenRead::accept)
        .onFailure(e ->
            whenRefused.accept(e instanceof ApiException known ? known : ApiException.internal()));
  }

  static ApiException tooLarge(long maxBytes) {
    return ApiException.tooLarge(
        "The body is larger than "
            + maxBytes
            + " bytes, the limit of this gateway (server.max_body).");
  }
}
