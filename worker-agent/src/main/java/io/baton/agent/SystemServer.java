package io.baton.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.baton.telemetry.Metrics;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's own small HTTP server: {@code /live}, {@code /health}, {@code /metrics}, {@code
 * /set_trace_level}.
 */
final class SystemServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SystemServer.class);
  private static final int OFF = -1;
  private static final String END = "# EOF\n";

  private final WorkerSettings.SystemPort settings;
  private final Metrics metrics;
  private final Supplier<String> engineMetrics;
  private final BooleanSupplier healthy;
  private final TraceControl traces;
  private @Nullable HttpServer server;

  /**
   * Not listening yet.
   *
   * @param engineMetrics the engine's own, in Prometheus' text format; follow Baton's
   */
  SystemServer(
      WorkerSettings.SystemPort settings,
      Metrics metrics,
      Supplier<String> engineMetrics,
      BooleanSupplier healthy,
      TraceControl traces) {
    this.settings = settings;
    this.metrics = metrics;
    this.engineMetrics = engineMetrics;
    this.healthy = healthy;
    this.traces = traces;
  }

  /** Listens, unless the port is -1. */
  void start() {
    server =
        listen(
            settings,
            Map.of(
                "/health", this::health,
                "/metrics", this::metrics,
                "/set_trace_level", this::setTraceLevel));
  }

  /**
   * A server that has {@code /live} beside what is given, by path.
   *
   * @return null if the port is -1
   */
  static @Nullable HttpServer listen(
      WorkerSettings.SystemPort settings, Map<String, HttpHandler> handlers) {
    if (settings.port() == OFF) {
      return null;
    }
    try {
      var address = new InetSocketAddress(settings.host(), settings.port());
      HttpServer created = HttpServer.create(address, 16);
      created.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      created.createContext("/live", exchange -> answer(exchange, 200, "{\"status\":\"live\"}"));
      handlers.forEach(created::createContext);
      created.start();
      LOG.info("system server listens on {}", created.getAddress());
      return created;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "system.port: " + settings.port() + " cannot be listened on (" + e.getMessage() + ")", e);
    }
  }

  private void health(HttpExchange exchange) throws IOException {
    boolean ok = healthy.getAsBoolean();
    answer(exchange, ok ? 200 : 503, "{\"broker\":\"" + (ok ? "connected" : "unreachable") + "\"}");
  }

  private void setTraceLevel(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("POST")) {
      answer(exchange, 405, method + " is not what /set_trace_level takes: GET or POST\n");
      return;
    }
    TraceControl.Result result = traces.set(exchange.getRequestURI().getQuery());
    answer(exchange, result.status(), result.message() + "\n");
  }

  /** Baton's own, then the engine's under its own names; OpenMetrics' end mark comes last. */
  private void metrics(HttpExchange exchange) throws IOException {
    String type = Metrics.contentType(exchange.getRequestHeaders().getFirst("accept"));
    String own = metrics.scrape(type);
    String engine = engineMetrics.get();
    if (!type.equals(Metrics.OPEN_METRICS)) {
      answer(exchange, 200, type, own + engine);
      return;
    }
    // There a counter's family is named without the suffix of its samples.
    String open = engine.replaceAll("(?m)^(# TYPE \\S+)_total counter$", "$1 counter");
    answer(exchange, 200, type, own.replace(END, "") + open + END);
  }

  static void answer(HttpExchange exchange, int status, String body) throws IOException {
    answer(exchange, status, body.startsWith("{") ? "application/json" : Metrics.TEXT, body);
  }

  static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop(0);
    }
  }
}
