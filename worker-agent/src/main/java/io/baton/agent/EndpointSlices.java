package io.baton.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.agent.FleetSettings.EngineAt;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ready endpoints of a Kubernetes service: lists its EndpointSlices, then watches them, and
 * begins again whenever the watch ends. While the API server is away, what it said last holds.
 */
final class EndpointSlices implements EngineSource {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointSlices.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** The API server ends a watch after so long; a dead connection is noticed soon after. */
  private static final Duration WATCH = Duration.ofMinutes(4);

  private final FleetSettings.Kubernetes settings;
  private final URI slices;
  private final HttpClient http;

  /** Servers by name of their slice. */
  private final Map<String, List<EngineAt>> found = new TreeMap<>();

  private volatile @Nullable Thread thread;
  private volatile boolean open = true;

  /**
   * Not asking yet.
   *
   * @param environment of the process: tells pods where the API server is
   * @throws IOException if the service account's files cannot be read, or nobody says where the API
   *     server is
   */
  EndpointSlices(FleetSettings.Kubernetes settings, Map<String, String> environment)
      throws IOException {
    this.settings = settings;
    this.slices =
        URI.create(
            apiServer(settings, environment)
                + "/apis/discovery.k8s.io/v1/namespaces/"
                + namespace(settings)
                + "/endpointslices?labelSelector="
                + URLEncoder.encode(settings.selector(), StandardCharsets.UTF_8));
    var builder = HttpClient.newBuilder().connectTimeout(PATIENCE);
    Path authority = settings.account().resolve("ca.crt");
    if (Files.exists(authority)) {
      builder.sslContext(trusting(authority));
    }
    this.http = builder.build();
  }

  private static String apiServer(
      FleetSettings.Kubernetes settings, Map<String, String> environment) throws IOException {
    if (!settings.apiServer().isEmpty()) {
      return settings.apiServer();
    }
    String host = environment.get("KUBERNETES_SERVICE_HOST");
    if (host == null) {
      throw new IOException(
          "fleet.kubernetes.api_server: missing, and KUBERNETES_SERVICE_HOST is not set either"
              + " (expected: to run in a pod, or a URL)");
    }
    String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
    return "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static String namespace(FleetSettings.Kubernetes settings) throws IOException {
    return settings.namespace().isEmpty()
        ? Files.readString(settings.account().resolve("namespace")).strip()
        : settings.namespace();
  }

  private static SSLContext trusting(Path authority) throws IOException {
    try (InputStream in = Files.newInputStream(authority)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca-" + number++, certificate);
      }
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(authority + ": cannot be used (" + e.getMessage() + ")", e);
    }
  }

  @Override
  public void follow(Consumer<List<EngineAt>> engines) {
    thread =
        Thread.ofVirtual()
            .name("baton-endpoint-slices")
            .start(() -> {
              while (open) {
                listAndWatch(engines);
              }
            });
  }

  private void listAndWatch(Consumer<List<EngineAt>> engines) {
    try {
      JsonNode list = list();
      found.clear();
      list.path("items").forEach(this::keep);
      tell(engines);
      watch(list.at("/metadata/resourceVersion").asText(), engines);
    } catch (IOException | RuntimeException e) {
      if (open) {
        LOG.warn("{}: {}; what is known stays", slices, e.toString());
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      open = false;
    }
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      open = false;
    }
  }

  private JsonNode list() throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(request("").timeout(PATIENCE).build(), BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(response.statusCode() + " " + response.body().strip());
    }
    return JSON.readTree(response.body());
  }

  /** One JSON object per line, until the server ends it or says that it cannot go on. */
  private void watch(String since, Consumer<List<EngineAt>> engines)
      throws IOException, InterruptedException {
    String query =
        "&watch=1&allowWatchBookmarks=true&resourceVersion="
            + since
            + "&timeoutSeconds="
            + WATCH.toSeconds();
    HttpResponse<Stream<String>> response =
        http.send(request(query).timeout(WATCH.plus(PATIENCE)).build(), BodyHandlers.ofLines());
    try (Stream<String> lines = response.body()) {
      if (response.statusCode() != 200) {
        throw new IOException("watch: " + response.statusCode());
      }
      for (String line : (Iterable<String>) lines::iterator) {
        JsonNode event = JSON.readTree(line);
        switch (event.path("type").asText()) {
          case "ADDED", "MODIFIED" -> keep(event.path("object"));
          case "DELETED" -> found.remove(event.at("/object/metadata/name").asText());
          case "BOOKMARK" -> {
            continue;
          }
          default -> {
            // ERROR: it has forgotten what followed our version. We list again.
            return;
          }
        }
        tell(engines);
      }
    }
  }

  private HttpRequest.Builder request(String more) throws IOException {
    var request =
        HttpRequest.newBuilder(URI.create(slices + more)).header("accept", "application/json");
    Path token = settings.account().resolve("token");
    if (Files.exists(token)) {
      // Read each time: Kubernetes renews it.
      request.header("authorization", "Bearer " + Files.readString(token).strip());
    }
    return request;
  }

  private void keep(JsonNode slice) {
    var engines = new ArrayList<EngineAt>();
    Optional<Integer> port = port(slice.path("ports"));
    for (JsonNode endpoint : slice.path("endpoints")) {
      // Absent means unknown, which is to be taken for ready.
      boolean ready = endpoint.at("/conditions/ready").asBoolean(true);
      String address = endpoint.at("/addresses/0").asText("");
      if (ready && !address.isEmpty() && port.isPresent()) {
        String host = address.contains(":") ? "[" + address + "]" : address;
        engines.add(
            new EngineAt(
                "http://" + host + ":" + port.get(),
                endpoint.at("/targetRef/name").asText(""),
                Optional.empty()));
      }
    }
    found.put(slice.at("/metadata/name").asText(), engines);
  }

  private Optional<Integer> port(JsonNode ports) {
    for (JsonNode port : ports) {
      String wanted = settings.port();
      if (wanted.isEmpty()
          || wanted.equals(port.path("name").asText())
          || wanted.equals(port.path("port").asText())) {
        return Optional.of(port.path("port").asInt());
      }
    }
    return Optional.empty();
  }

  private void tell(Consumer<List<EngineAt>> engines) {
    engines.accept(found.values().stream().flatMap(List::stream).distinct().toList());
  }

  @Override
  public void close() {
    open = false;
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
    http.shutdownNow();
  }
}
