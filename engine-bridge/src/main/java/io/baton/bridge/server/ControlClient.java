package io.baton.bridge.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Small questions and commands to a server, beside the requests. Safe for use by many threads; what
 * returns an answer waits for it, a limited time.
 */
public final class ControlClient implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MAX_BODY_BYTES = 32 << 20;

  private final ServerAddress server;
  private final HttpClient http;

  /** A client of one server. */
  public ControlClient(ServerAddress server) {
    this.server = server;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(server.connectTimeout())
            .build();
  }

  /** The server it speaks to. */
  public ServerAddress server() {
    return server;
  }

  /**
   * Reads JSON.
   *
   * @throws IOException if the server cannot be reached, or answers other than 200 with JSON
   */
  public JsonNode json(String path) throws IOException {
    return tree(path, text(path));
  }

  /**
   * Reads JSON from a server that may not have that route.
   *
   * @return empty for a status of 400 to 499
   * @throws IOException if the server cannot be reached, fails, or sends no JSON
   */
  public Optional<JsonNode> jsonIfThere(String path) throws IOException {
    HttpResponse<byte[]> answer = send(builder(path).GET().build());
    if (answer.statusCode() >= 400 && answer.statusCode() < 500) {
      return Optional.empty();
    }
    return Optional.of(tree(path, body(path, answer)));
  }

  /**
   * Reads text, such as metrics.
   *
   * @throws IOException if the server cannot be reached or answers other than 200
   */
  public String text(String path) throws IOException {
    return body(path, send(builder(path).GET().build()));
  }

  /**
   * Sends JSON and reads JSON.
   *
   * @return empty for a status of 400 to 499
   * @throws IOException if the server cannot be reached, fails, or sends no JSON
   */
  public Optional<JsonNode> post(String path, JsonNode body) throws IOException {
    var request = builder(path).header("content-type", "application/json");
    HttpResponse<byte[]> answer =
        send(request.POST(BodyPublishers.ofString(body.toString())).build());
    if (answer.statusCode() >= 400 && answer.statusCode() < 500) {
      return Optional.empty();
    }
    return Optional.of(tree(path, body(path, answer)));
  }

  /** The status of a route; -1 if the server cannot be reached. */
  public int status(String path) {
    try {
      return send(builder(path).GET().build()).statusCode();
    } catch (IOException e) {
      return -1;
    }
  }

  /** Sends a command and does not wait; a failure is the answer's business, which ends anyway. */
  public void tell(String path, JsonNode body) {
    var request = builder(path).header("content-type", "application/json");
    var _ =
        http.sendAsync(
            request.POST(BodyPublishers.ofString(body.toString())).build(),
            BodyHandlers.discarding());
  }

  private HttpRequest.Builder builder(String path) {
    URI uri = server.url().resolve(URI.create(server.path(path)));
    var request = HttpRequest.newBuilder(uri).timeout(PATIENCE);
    server.apiKey().ifPresent(key -> request.header("authorization", "Bearer " + key));
    return request;
  }

  private HttpResponse<byte[]> send(HttpRequest request) throws IOException {
    try {
      return http.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BODY_BYTES));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String body(String path, HttpResponse<byte[]> answer) throws IOException {
    if (answer.statusCode() != 200) {
      throw new IOException("GET " + path + ": status " + answer.statusCode());
    }
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static JsonNode tree(String path, String body) throws IOException {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new IOException("GET " + path + ": no JSON (" + e.getOriginalMessage() + ")", e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
