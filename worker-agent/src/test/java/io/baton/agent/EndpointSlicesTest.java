package io.baton.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.baton.agent.FleetSettings.EngineAt;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that speaks the API server's list and watch. */
class EndpointSlicesTest {
  private static final String END = "end";

  /** What the next list answers, and what the watch says; {@code end} ends it. */
  private final BlockingQueue<String> lists = new LinkedBlockingQueue<>();

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> queries = new LinkedBlockingQueue<>();
  private final BlockingQueue<List<String>> told = new LinkedBlockingQueue<>();
  private HttpServer api;

  @BeforeEach
  void start() throws IOException {
    api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    api.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    api.createContext("/apis/discovery.k8s.io/v1/namespaces/models/endpointslices", this::answer);
    api.start();
  }

  @AfterEach
  void stop() {
    api.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    queries.add(exchange.getRequestHeaders().getFirst("authorization") + " " + query);
    try (exchange) {
      if (query.contains("watch=1")) {
        exchange.sendResponseHeaders(200, 0);
        for (String event = events.take(); !event.equals(END); event = events.take()) {
          exchange.getResponseBody().write((event + "\n").getBytes(StandardCharsets.UTF_8));
          exchange.getResponseBody().flush();
        }
      } else {
        byte[] body = lists.take().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void serversComeAndGoAsTheSlicesSay(@TempDir Path account) throws Exception {
    Files.writeString(account.resolve("token"), "let-me-in\n");
    Files.writeString(account.resolve("namespace"), "models");
    var settings =
        new FleetSettings.Kubernetes(
            "kubernetes.io/service-name=vllm",
            "",
            "http",
            "http://127.0.0.1:" + api.getAddress().getPort(),
            account);
    try (var slices = new EndpointSlices(settings, Map.of())) {
      slices.follow(engines -> told.add(engines.stream().map(EngineAt::url).toList()));

      lists.add(list(slice("a", "10.0.0.1 true", "10.0.0.2 false", "10.0.0.3 null")));
      assertThat(next()).containsExactly("http://10.0.0.1:8000", "http://10.0.0.3:8000");
      assertThat(queries.take())
          .startsWith("Bearer let-me-in ")
          .contains("labelSelector=kubernetes.io%2Fservice-name%3Dvllm");
      assertThat(queries.take()).contains("watch=1").contains("resourceVersion=7");

      events.add(event("ADDED", slice("b", "fd00::1 true")));
      assertThat(next())
          .containsExactly("http://10.0.0.1:8000", "http://10.0.0.3:8000", "http://[fd00::1]:8000");

      events.add("{\"type\":\"BOOKMARK\",\"object\":{}}");
      events.add(event("MODIFIED", slice("a", "10.0.0.2 true")));
      assertThat(next()).containsExactly("http://10.0.0.2:8000", "http://[fd00::1]:8000");

      events.add(event("DELETED", slice("b")));
      assertThat(next()).containsExactly("http://10.0.0.2:8000");

      // The server has forgotten our version: everything is asked for anew.
      events.add("{\"type\":\"ERROR\",\"object\":{\"code\":410}}");
      events.add(END);
      lists.add(list(slice("c", "10.0.0.9 true")));
      assertThat(next()).containsExactly("http://10.0.0.9:8000");
      events.add(END);
    }
  }

  private List<String> next() throws InterruptedException {
    List<String> urls = told.poll(20, TimeUnit.SECONDS);
    assertThat(urls).as("servers").isNotNull();
    return urls;
  }

  private static String list(String slice) {
    return "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[" + slice + "]}";
  }

  private static String event(String type, String slice) {
    return "{\"type\":\"" + type + "\",\"object\":" + slice + "}";
  }

  private static String slice(String name, String... endpoints) {
    var list =
        java.util.Arrays.stream(endpoints)
            .map(text -> {
              String[] words = text.split(" ");
              return "{\"addresses\":[\"%s\"],\"conditions\":{\"ready\":%s}}"
                  .formatted(words[0], words[1]);
            })
            .toList();
    return "{\"metadata\":{\"name\":\"%s\"},\"ports\":[{\"name\":\"metrics\",\"port\":9000},{\"name\":\"http\",\"port\":8000}],\"endpoints\":%s}"
        .formatted(name, list);
  }
}
