package io.baton.standalone.workers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A gateway's admin server, as options of the command line name it. */
final class AdminClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Option(
      names = "--gateway",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8001",
      description = "Any gateway's admin server (default: ${DEFAULT-VALUE}).")
  private String gateway = "";

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "File with the gateway's admin key.")
  private @Nullable Path keyFile;

  JsonNode get(String path) throws IOException {
    return send(request(path, PATIENCE).GET().build());
  }

  /**
   * Has something done.
   *
   * @param patience how long the gateway may take for it
   */
  JsonNode post(String path, Duration patience) throws IOException {
    return send(request(path, patience.plus(PATIENCE)).POST(BodyPublishers.noBody()).build());
  }

  private HttpRequest.Builder request(String path, Duration patience) throws IOException {
    var request = HttpRequest.newBuilder(URI.create(gateway + path)).timeout(patience);
    Path key = keyFile;
    if (key != null) {
      request.header("authorization", "Bearer " + Files.readString(key).strip());
    }
    return request;
  }

  private static JsonNode send(HttpRequest request) throws IOException {
    try (var client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IOException(
            request.uri() + " answers " + response.statusCode() + ": " + said(response.body()));
      }
      return JSON.readTree(response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ConnectException e) {
      throw new IOException(
          request.uri()
              + " cannot be reached. Is admin.port set at the gateway, and is --gateway it?",
          e);
    }
  }

  private static String said(String body) {
    try {
      return JSON.readTree(body).path("error").path("message").asText(body);
    } catch (IOException e) {
      return body;
    }
  }
}
