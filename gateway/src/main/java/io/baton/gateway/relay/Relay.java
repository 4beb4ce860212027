package io.baton.gateway.relay;

import io.baton.gateway.GatewayMetrics;
import io.baton.gateway.admission.Admission;
import io.baton.gateway.api.ApiSettings;
import io.baton.gateway.fleet.Fleet;
import io.baton.gateway.routing.RouteDesk;
import io.baton.gateway.trace.TraceDesk;
import io.baton.gateway.usage.AccessLog;
import io.baton.gateway.usage.KeyUsage;
import io.baton.telemetry.Tracing;
import io.baton.transport.GatewayTransport;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What all requests share, and the list of those in flight. Thread-safe. */
public final class Relay {
  /**
   * Limits of one request.
   *
   * @param times of models without an entry of their own
   * @param modelTimes by the model's own name
   * @param maxAttempts tries, the first included
   * @param retryRatio attempts beyond the first, as a share of all requests
   * @param retryReserve of these, how many may come at once
   * @param migration whether an answer that has begun is continued by another worker
   * @param stallTimeout longest silence of a worker in mid-answer; 0: any
   * @param api how requests are read and answers written
   */
  public record Settings(
      TimeLimits times,
      Map<String, TimeLimits> modelTimes,
      int maxAttempts,
      double retryRatio,
      int retryReserve,
      boolean migration,
      Duration stallTimeout,
      ApiSettings api) {
    /** What holds for a model's requests. */
    TimeLimits timesOf(String model) {
      return modelTimes.getOrDefault(model, times);
    }
  }

  private final Vertx vertx;
  private volatile Settings settings;
  private final Tracing tracing;
  private final TraceDesk traces;
  private final GatewayTransport transport;
  private final Fleet fleet;
  private final GatewayMetrics metrics;
  private final Admission admission;
  private final AccessLog accessLog;
  private final KeyUsage keyUsage;
  private final RouteDesk routes;
  private final RetryBudget retries;
  private final FormatStage formats = new FormatStage();
  private final Set<RequestRelay> inFlight = ConcurrentHashMap.newKeySet();

  public Relay(
      Vertx vertx,
      Settings settings,
      Tracing tracing,
      TraceDesk traces,
      GatewayTransport transport,
      Fleet fleet,
      GatewayMetrics metrics,
      Admission admission,
      AccessLog accessLog,
      KeyUsage keyUsage,
      RouteDesk routes) {
    this.vertx = vertx;
    this.settings = settings;
    this.tracing = tracing;
    this.traces = traces;
    this.transport = transport;
    this.fleet = fleet;
    this.metrics = metrics;
    this.admission = admission;
    this.accessLog = accessLog;
    this.keyUsage = keyUsage;
    this.routes = routes;
    this.retries =
        new RetryBudget(settings.retryRatio(), settings.retryReserve(), System::nanoTime);
    metrics.formats(formats);
  }

  void began(RequestRelay request) {
    retries.request();
    inFlight.add(request);
  }

  void ended(RequestRelay request) {
    inFlight.remove(request);
  }

  /** Requests that have not concluded. */
  public int inFlight() {
    return inFlight.size();
  }

  /** Sets other limits; they hold for requests that come from now on. */
  public void configure(Settings changed) {
    settings = changed;
    retries.configure(changed.retryRatio(), changed.retryReserve());
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

  TraceDesk traces() {
    return traces;
  }

  ApiSettings api() {
    return settings.api();
  }

  GatewayTransport transport() {
    return transport;
  }

  Fleet fleet() {
    return fleet;
  }

  RetryBudget retries() {
    return retries;
  }

  Admission admission() {
    return admission;
  }

  AccessLog accessLog() {
    return accessLog;
  }

  /** Who may steer routing, and where receipts go. */
  public RouteDesk routes() {
    return routes;
  }

  KeyUsage keyUsage() {
    return keyUsage;
  }

  FormatStage formats() {
    return formats;
  }

  GatewayMetrics metrics() {
    return metrics;
  }
}
