package io.baton.bridge.server;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Where a foreign server is and how it is used.
 *
 * @param url base, such as {@code http://127.0.0.1:30000}; {@code /v1/...} is appended
 * @param maxRequests requests at once; more are refused as busy
 * @param connectTimeout longest wait for a connection
 * @param idleTimeout longest silence of the server in mid-answer
 * @param startTimeout longest wait for it to answer at all when the worker starts
 * @param apiKey sent as bearer token
 */
public record ServerAddress(
    URI url,
    int maxRequests,
    Duration connectTimeout,
    Duration idleTimeout,
    Duration startTimeout,
    Optional<String> apiKey) {

  public ServerAddress {
    boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!http || url.getHost() == null) {
      throw new IllegalArgumentException(
          "url: " + url + " (expected: http://HOST:PORT or https://HOST:PORT)");
    }
  }

  /** Whether it is reached by TLS. */
  public boolean tls() {
    return "https".equals(url.getScheme());
  }

  /** The port, also where the URL does not name it. */
  public int port() {
    return url.getPort() >= 0 ? url.getPort() : tls() ? 443 : 80;
  }

  /** The server's path for one of OpenAI's. */
  public String path(String openAiPath) {
    String base = url.getPath() == null ? "" : url.getPath();
    String trimmed = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    // People give the base both with and without /v1.
    return trimmed.endsWith("/v1")
        ? trimmed.substring(0, trimmed.length() - 3) + openAiPath
        : trimmed + openAiPath;
  }
}
