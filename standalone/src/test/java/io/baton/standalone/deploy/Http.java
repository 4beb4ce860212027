package io.baton.standalone.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.testkit.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Small questions to processes on loopback. */
final class Http {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Http() {}

  static int freePort() throws IOException {
    return Ports.free();
  }

  /** 0 if nobody answers. */
  static int status(int port, String path) {
    try {
      return get(port, path).statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  /** How many workers a gateway would send new work to; 0 if it does not answer. */
  static long routableWorkers(int gatewayPort) {
    try {
      long routable = 0;
      for (JsonNode pool : JSON.readTree(get(gatewayPort, "/health").body()).path("pools")) {
        for (JsonNode worker : pool.path("workers")) {
          routable += worker.path("routable").asBoolean() ? 1 : 0;
        }
      }
      return routable;
    } catch (IOException e) {
      return 0;
    }
  }

  static HttpResponse<String> get(int port, String path) throws IOException {
    return send(request(port, path).build());
  }

  static HttpResponse<String> post(int port, String path, String body) throws IOException {
    return send(
        request(port, path)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private static HttpRequest.Builder request(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(30));
  }

  private static HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      return CLIENT.send(request, BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
