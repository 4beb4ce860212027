package io.baton.bridge.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.bridge.EngineCard;
import io.baton.bridge.EngineException;
import io.baton.bridge.EngineException.Kind;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.OpenAiEngine;
import io.baton.telemetry.slices.TraceHeader;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server that speaks OpenAI's API. All requests run on one event loop of its own. */
public final class OpenAiHttpEngine implements OpenAiEngine {
  private static final Logger LOG = LoggerFactory.getLogger(OpenAiHttpEngine.class);
  private static final long CLOSE_SECONDS = 5;
  private static final long START_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final OpenAiServer server;
  private final EngineCard card;
  private final Vertx vertx;
  private final Context context;
  private final HttpClient client;
  private final Map<String, Exchange> exchanges = new ConcurrentHashMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();

  private OpenAiHttpEngine(OpenAiServer server, List<String> models) {
    this.server = server;
    this.card =
        new EngineCard(
            "openai",
            "1",
            EngineCard.Role.AGGREGATED,
            models,
            1,
            0,
            0,
            0,
            server.maxRequests(),
            false,
            "",
            List.of(),
            Optional.empty());
    this.vertx = Vertx.vertx();
    this.context = vertx.getOrCreateContext();
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setKeepAlive(true).setTcpNoDelay(true).setPipelining(false),
            new PoolOptions()
                .setHttp1MaxSize(server.maxRequests())
                .setMaxWaitQueueSize(server.maxRequests()));
  }

  /**
   * Waits until the server answers, and learns its models.
   *
   * @throws IOException if it does not answer in time, naming it
   */
  public static OpenAiHttpEngine start(OpenAiServer server) throws IOException {
    return new OpenAiHttpEngine(server, awaitModels(server));
  }

  private static List<String> awaitModels(OpenAiServer server) throws IOException {
    long until = System.nanoTime() + server.startTimeout().toNanos();
    boolean told = false;
    try (var http =
        java.net.http.HttpClient.newBuilder().connectTimeout(server.connectTimeout()).build()) {
      while (true) {
        try {
          return models(http, server);
        } catch (IOException e) {
          if (System.nanoTime() > until) {
            throw new IOException(
                "openai.url: %s does not answer GET /v1/models within %s (%s)"
                    .formatted(server.url(), server.startTimeout(), e.getMessage()),
                e);
          }
          if (!told) {
            LOG.info("waiting for {} ({})", server.url(), String.valueOf(e.getMessage()));
            told = true;
          }
          LockSupport.parkNanos(START_POLL_NANOS);
        }
      }
    }
  }

  private static List<String> models(java.net.http.HttpClient http, OpenAiServer server)
      throws IOException {
    var request =
        HttpRequest.newBuilder(server.url().resolve(URI.create(server.path("/v1/models"))))
            .timeout(Duration.ofSeconds(10));
    server.apiKey().ifPresent(key -> request.header("authorization", "Bearer " + key));
    try {
      var response = http.send(request.build(), BodyHandlers.ofByteArray());
      if (response.statusCode() != 200) {
        throw new IOException("status " + response.statusCode());
      }
      var models = new ArrayList<String>();
      JsonNode root = new ObjectMapper().readTree(response.body());
      root.path("data").forEach(model -> models.add(model.path("id").asText()));
      return List.copyOf(models);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void generate(
      OpenAiRequest request,
      String rid,
      @Nullable TraceHeader externalTraceHeader,
      OpenAiSink sink) {
    if (inFlight.incrementAndGet() > server.maxRequests()) {
      inFlight.decrementAndGet();
      sink.onFailed(
          new EngineException(
              Kind.BUSY, "requests at once: " + server.maxRequests() + " (the limit)", true));
      return;
    }
    var exchange =
        new Exchange(
            server,
            sink,
            () -> {
              exchanges.remove(rid);
              inFlight.decrementAndGet();
            });
    exchanges.put(rid, exchange);
    sink.onDemand(() -> context.runOnContext(v -> exchange.resume()));
    context.runOnContext(v -> exchange.start(client, request, externalTraceHeader));
  }

  @Override
  public void cancel(String rid) {
    Exchange exchange = exchanges.get(rid);
    if (exchange != null) {
      context.runOnContext(v -> exchange.cancel());
    }
  }

  @Override
  public EngineCard card() {
    return card;
  }

  @Override
  public List<EngineLoad> load() {
    return List.of(new EngineLoad(0, inFlight.get(), 0, 0, 0, 0));
  }

  @Override
  public void onKvEvents(KvEventListener listener) {
    // Such servers do not tell.
  }

  @Override
  public KvSnapshot kvSnapshot(int rank) {
    return new KvSnapshot(0, List.of());
  }

  @Override
  public void close() {
    exchanges.values().forEach(exchange -> context.runOnContext(v -> exchange.cancel()));
    try {
      client.close().eventually(() -> vertx.close()).await(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      LOG.warn("connections to {} did not close within {} s", server.url(), CLOSE_SECONDS);
    }
  }
}
