package io.baton.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.baton.telemetry.Metrics;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server of an agent with many workers: {@code /live}, {@code /health}, {@code /metrics}.
 */
final class FleetServer implements AutoCloseable {
  private final WorkerSettings.SystemPort settings;
  private final Supplier<List<FleetMember>> members;
  private @Nullable HttpServer server;

  FleetServer(WorkerSettings.SystemPort settings, Supplier<List<FleetMember>> members) {
    this.settings = settings;
    this.members = members;
  }

  /** Listens, unless the port is -1. */
  void start() {
    server =
        SystemServer.listen(settings, Map.of("/health", this::health, "/metrics", this::metrics));
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
