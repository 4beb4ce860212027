package io.baton.gateway.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.List;

/** Lets browsers of some origins use the gateway; off unless origins are configured. */
record Cors(List<String> origins) {
  private static final String DAY_SECONDS = "86400";

  /** Puts the headers on an answer, if the request's origin is one of ours. */
  void allow(HttpServerRequest request) {
    String origin = request.getHeader("origin");
    if (origin == null || !(origins.contains("*") || origins.contains(origin))) {
      return;
    }
    request
        .response()
        .putHeader("access-control-allow-origin", origin)
        .putHeader("access-control-expose-headers", "x-request-id, x-trace-id, retry-after")
        .putHeader("vary", "origin");
    String headers = request.getHeader("access-control-request-headers");
    if (headers != null) {
      request
          .response()
          .putHeader("access-control-allow-methods", "GET, HEAD, POST, OPTIONS")
          .putHeader("access-control-allow-headers", headers.replaceAll("[^\\w, -]", ""))
          .putHeader("access-control-max-age", DAY_SECONDS);
    }
  }
}
