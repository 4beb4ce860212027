package io.baton.gateway.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Closes connections that hold a place without asking for anything: those whose first request does
 * not have all its headers in time, however steadily they drop in, and those that are done and send
 * no other. A connection with a request at work is left alone. On one event loop only.
 */
final class ConnectionWatch {
  private final Vertx vertx;
  private final Duration headerTimeout;
  private final Duration idleTimeout;
  private final Map<HttpConnection, Watched> connections = new HashMap<>();

  /**
   * Watches the connections of one server.
   *
   * @param headerTimeout from the opening to the end of the first request's headers
   * @param idleTimeout from the last answer to the end of the next request's headers
   */
  ConnectionWatch(Vertx vertx, Duration headerTimeout, Duration idleTimeout) {
    this.vertx = vertx;
    this.headerTimeout = headerTimeout;
    this.idleTimeout = idleTimeout;
  }

  private final class Watched {
    private final HttpConnection connection;
    private int atWork;
    private long timer;

    Watched(HttpConnection connection) {
      this.connection = connection;
      allow(headerTimeout);
    }

    private void allow(Duration time) {
      timer = vertx.setTimer(time.toMillis(), t -> connection.close());
    }

    void begin() {
      atWork++;
      vertx.cancelTimer(timer);
    }

    void end() {
      if (--atWork == 0 && connections.containsKey(connection)) {
        allow(idleTimeout);
      }
    }
  }

  void opened(HttpConnection connection) {
    var watched = new Watched(connection);
    connections.put(connection, watched);
    connection.closeHandler(v -> {
      connections.remove(connection);
      vertx.cancelTimer(watched.timer);
    });
  }

  /** A request's headers are complete. */
  void requested(HttpServerRequest request) {
    Watched watched = connections.get(request.connection());
    if (watched != null) {
      watched.begin();
      request.response().endHandler(v -> watched.end());
    }
  }

  /** Connections that are open. */
  int open() {
    return connections.size();
  }
}
