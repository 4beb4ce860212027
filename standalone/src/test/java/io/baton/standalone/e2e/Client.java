package io.baton.standalone.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** An ordinary HTTP client of the gateway. */
final class Client {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final String base;

  Client(int port) {
    this.base = "http://127.0.0.1:" + port;
  }

  /** Where it sends to. */
  String base() {
    return base;
  }

  /** A greedy chat request of one user message. */
  static ObjectNode chat(String text) {
    ObjectNode body = JSON.createObjectNode().put("model", "baton-demo").put("temperature", 0);
    body.putArray("messages").addObject().put("role", "user").put("content", text);
    return body;
  }

  /** A request that goes on for exactly this many tokens. */
  static ObjectNode longChat(String text, int tokens) {
    return chat(text).put("ignore_eos", true).put("max_tokens", tokens).put("stream", true);
  }

  HttpResponse<String> post(String path, String body, String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofSeconds(120))
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return send(request.build());
  }

  JsonNode unary(ObjectNode body) {
    HttpResponse<String> response = post("/v1/chat/completions", body.toString());
    if (response.statusCode() != 200) {
      throw new IllegalStateException(response.statusCode() + ": " + response.body());
    }
    return json(response.body());
  }

  /** Opens a stream and reads it to its end on the caller's thread. */
  Streamed stream(ObjectNode body, String... headers) {
    Streaming streaming = open(body, headers);
    streaming.readAll(chunk -> {});
    return streaming.result();
  }

  /** Opens a stream. */
  Streaming open(ObjectNode body, String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create(base + "/v1/chat/completions"))
            .timeout(Duration.ofSeconds(180))
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body.put("stream", true).toString()));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      return new Streaming(HTTP.send(request.build(), BodyHandlers.ofInputStream()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  String get(String path, String... headers) {
    var request = HttpRequest.newBuilder(URI.create(base + path));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return send(request.build()).body();
  }

  int statusOf(String path) {
    try {
      return send(HttpRequest.newBuilder(URI.create(base + path)).build()).statusCode();
    } catch (UncheckedIOException e) {
      return 0;
    }
  }

  /** Worker id to whether it gets new work, as the gateway sees it. */
  Map<String, Boolean> workers() {
    var workers = new LinkedHashMap<String, Boolean>();
    for (JsonNode pool : json(get("/health")).path("pools")) {
      pool.path("workers")
          .forEach(w -> workers.put(w.path("id").asText(), w.path("routable").asBoolean()));
    }
    return workers;
  }

  int inFlight() {
    return json(get("/health")).path("in_flight_requests").asInt();
  }

  /** Sum over all series of a metric. */
  static double metric(String scrape, String name) {
    return scrape
        .lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }

  private static HttpResponse<String> send(HttpRequest request) {
    try {
      return HTTP.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A stream that has ended. */
  record Streamed(
      int status,
      String traceId,
      String text,
      String finishReason,
      JsonNode usage,
      JsonNode error,
      boolean done) {}

  /** A stream under way. */
  static final class Streaming implements AutoCloseable {
    private final HttpResponse<InputStream> response;
    private final BufferedReader reader;
    private final StringBuilder text = new StringBuilder();
    private String finishReason = "";
    private JsonNode usage = JSON.missingNode();
    private JsonNode error = JSON.missingNode();
    private boolean done;

    private Streaming(HttpResponse<InputStream> response) {
      this.response = response;
      this.reader =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    int status() {
      return response.statusCode();
    }

    String traceId() {
      return response.headers().firstValue("x-trace-id").orElse("");
    }

    String text() {
      return text.toString();
    }

    /**
     * Reads until there is a next piece of text.
     *
     * @return false at the end
     */
    boolean readPiece() {
      try {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          if (take(line)) {
            return true;
          }
        }
        return false;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private boolean take(String line) {
      if (!line.startsWith("data: ")) {
        if (!line.isEmpty() && !line.startsWith(":")) {
          // Not an event stream: an error's body.
          error = json(line).path("error");
        }
        return false;
      }
      String data = line.substring("data: ".length());
      if (data.equals("[DONE]")) {
        done = true;
        return false;
      }
      JsonNode chunk = json(data);
      if (chunk.has("error")) {
        error = chunk.get("error");
      }
      if (chunk.path("usage").isObject()) {
        usage = chunk.get("usage");
      }
      JsonNode choice = chunk.path("choices").path(0);
      finishReason = choice.path("finish_reason").asText(finishReason);
      String piece = choice.path("delta").path("content").asText("");
      text.append(piece);
      return !piece.isEmpty();
    }

    void readAll(Consumer<String> onPiece) {
      while (readPiece()) {
        onPiece.accept(text());
      }
    }

    Streamed result() {
      return new Streamed(status(), traceId(), text(), finishReason, usage, error, done);
    }

    /** Leaves: closes the connection. */
    @Override
    public void close() {
      try {
        response.body().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
