package io.baton.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.baton.telemetry.Metrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of an agent with many workers: {@code /live}, {@code /health}, {@code /metrics}.
 */
final class FleetServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FleetServer.class);
  private static final int OFF = -1;

  private final WorkerSettings.SystemPort settings;
  private final Supplier<List<FleetMember>> members;
  private @Nullable HttpServer server;

  FleetServer(WorkerSettings.SystemPort settings, Supplier<List<FleetMember>> members) {
    this.settings = settings;
    this.members = members;
  }

  /** Listens, unless the port is -1. */
  void start() {
    if (settings.port() == OFF) {
      return;
    }
    try {
      HttpServer created =
          HttpServer.create(new InetSocketAddress(settings.host(), settings.port()), 16);
      created.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      created.createContext(
          "/live", exchange -> SystemServer.answer(exchange, 200, "{\"status\":\"live\"}"));
      created.createContext("/health", this::health);
      created.createContext("/metrics", this::metrics);
      created.start();
      server = created;
      LOG.info("system server listens on {}", created.getAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "system.port: " + settings.port() + " cannot be listened on (" + e.getMessage() + ")", e);
    }
  }

  /** Each server, and whether its worker serves. */
  private void health(HttpExchange exchange) throws IOException {
    String workers =
        members.get().stream()
            .map(member ->
                "{\"worker\":\"%s\",\"url\":\"%s\",\"serves\":%b}"
                    .formatted(member.id(), member.engine().url(), member.worker().isPresent()))
            .collect(Collectors.joining(","));
    SystemServer.answer(exchange, 200, "{\"workers\":[" + workers + "]}");
  }

  private void metrics(HttpExchange exchange) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    for (FleetMember member : members.get()) {
      member.worker().ifPresent(worker -> texts.put(member.id(), worker.metricsText()));
    }
    SystemServer.answer(exchange, 200, Metrics.TEXT, LabelledMetrics.join("worker", texts));
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop(0);
    }
  }
}
