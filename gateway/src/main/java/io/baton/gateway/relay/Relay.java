package io.baton.gateway.relay;

import io.baton.gateway.GatewayMetrics;
import io.baton.gateway.fleet.Fleet;
import io.baton.telemetry.Tracing;
import io.baton.transport.GatewayTransport;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What all requests share, and the list of those in flight. Thread-safe. */
public final class Relay {
  /**
   * Limits of one request.
   *
   * @param requestTimeout from the first byte of the request to the last of the answer
   * @param maxAttempts tries, the first included
   * @param migration whether an answer that has begun is continued by another worker
   * @param stallTimeout longest silence of a worker in mid-answer; 0: any
   * @param traceLevel 0 to 3
   */
  public record Settings(
      Duration requestTimeout,
      int maxAttempts,
      boolean migration,
      Duration stallTimeout,
      int traceLevel) {}

  private final Vertx vertx;
  private final Settings settings;
  private final Tracing tracing;
  private final GatewayTransport transport;
  private final Fleet fleet;
  private final GatewayMetrics metrics;
  private final Set<RequestRelay> inFlight = ConcurrentHashMap.newKeySet();

  public Relay(
      Vertx vertx,
      Settings settings,
      Tracing tracing,
      GatewayTransport transport,
      Fleet fleet,
      GatewayMetrics metrics) {
    this.vertx = vertx;
    this.settings = settings;
    this.tracing = tracing;
    this.transport = transport;
    this.fleet = fleet;
    this.metrics = metrics;
  }

  void began(RequestRelay request) {
    inFlight.add(request);
  }

  void ended(RequestRelay request) {
    inFlight.remove(request);
  }

  /** Requests that have not concluded. */
  public int inFlight() {
    return inFlight.size();
  }

  Vertx vertx() {
    return vertx;
  }

  Settings settings() {
    return settings;
  }

  Tracing tracing() {
    return tracing;
  }

  int traceLevel() {
    return settings.traceLevel();
  }

  GatewayTransport transport() {
    return transport;
  }

  Fleet fleet() {
    return fleet;
  }

  GatewayMetrics metrics() {
    return metrics;
  }
}
