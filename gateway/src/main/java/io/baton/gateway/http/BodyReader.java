package io.baton.gateway.http;

import io.baton.gateway.api.ApiException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;

/** Reads a request's body up to a limit; beyond it the client hears 413 and the limit. */
final class BodyReader {
  private final HttpServerRequest request;
  private final long maxBytes;
  private final Buffer body = Buffer.buffer();
  private boolean refused;

  BodyReader(HttpServerRequest request, long maxBytes) {
    this.request = request;
    this.maxBytes = maxBytes;
  }

  /** Calls exactly one of the two, unless the client leaves first. */
  void read(Consumer<byte[]> whenRead, Consumer<ApiException> whenRefused) {
    request.exceptionHandler(e -> refused = true);
    request.handler(piece -> {
      if (refused) {
        return;
      }
      if (body.length() + piece.length() > maxBytes) {
        refused = true;
        // What still comes is read and dropped, so that the client gets to read the answer.
        whenRefused.accept(
            ApiException.tooLarge(
                "The body is larger than "
                    + maxBytes
                    + " bytes, the limit of this gateway (server.max_body)."));
        return;
      }
      body.appendBuffer(piece);
    });
    request.endHandler(v -> {
      if (!refused) {
        whenRead.accept(body.getBytes());
      }
    });
  }
}
