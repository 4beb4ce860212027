package io.baton.gateway;

import io.baton.gateway.fleet.Fleet;
import io.baton.gateway.fleet.ModelCatalog;
import io.baton.gateway.fleet.Pool;
import io.baton.gateway.fleet.ServedModel;
import io.baton.gateway.http.HttpFront;
import io.baton.gateway.relay.Relay;
import io.baton.kvrouter.KvRouter;
import io.baton.kvrouter.RouterStats;
import io.baton.telemetry.MetricNames;
import io.baton.telemetry.Metrics;
import io.baton.telemetry.Tracing;
import io.baton.telemetry.slices.TraceClock;
import io.baton.transport.BrokerLink;
import io.baton.transport.BrokerUnavailableException;
import io.baton.transport.GatewayTransport;
import io.baton.transport.TransportTimings;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One gateway: its parts put together, started and stopped in order. */
public final class Gateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final long STOP_SECONDS = 10;
  private static final long DRAIN_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final GatewaySettings settings;
  private final Vertx vertx;
  private final Tracing tracing;
  private final Metrics metrics;
  private final BrokerLink link;
  private final GatewayTransport transport;
  private final ModelCatalog catalog;
  private final Fleet fleet;
  private final Relay relay;
  private volatile boolean open = true;

  private Gateway(
      GatewaySettings settings, BrokerLink link, ModelCatalog catalog, Tracing tracing) {
    this.settings = settings;
    this.link = link;
    this.tracing = tracing;
    this.vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    this.metrics = new Metrics();
    this.catalog = catalog;
    this.fleet = new Fleet(catalog, this::newRouter);
    this.transport =
        new GatewayTransport(
            link,
            settings.namespace(),
            settings.pools(),
            settings.id(),
            TransportTimings.DEFAULT,
            fleet);
    this.relay =
        new Relay(
            vertx,
            new Relay.Settings(
                settings.limits().requestTimeout(),
                settings.limits().maxAttempts(),
                settings.limits().migration(),
                settings.limits().stallTimeout(),
                settings.trace().level()),
            tracing,
            transport,
            fleet,
            new GatewayMetrics(metrics));
  }

  /**
   * Starts a gateway and returns when it listens; workers may still be on their way.
   *
   * @param environment for the standard {@code OTEL_*} variables
   * @throws BrokerUnavailableException if no broker answers
   * @throws IOException if a model's files cannot be read
   */
  public static Gateway start(GatewaySettings settings, Map<String, String> environment)
      throws BrokerUnavailableException, IOException {
    ModelCatalog catalog =
        ModelCatalog.load(settings.models().stream().map(GatewaySettings.Model::toEntry).toList());
    BrokerLink link = BrokerLink.connect(settings.nats().toSettings(), "gateway-" + settings.id());
    Tracing tracing = Tracing.start("baton-gateway", settings.id(), environment);
    var gateway = new Gateway(settings, link, catalog, tracing);
    gateway.listen();
    return gateway;
  }

  private KvRouter newRouter() {
    return new KvRouter(settings.router().toSettings(), TraceClock::now, new SplittableRandom());
  }

  private void listen() {
    showMetrics();
    transport.reservations(fleet::reservations);
    transport.start();
    var front =
        new HttpFront.Settings(
            settings.server().host(), settings.server().port(), settings.server().maxBody());
    int configured = settings.server().eventLoops();
    int eventLoops =
        configured > 0 ? configured : Math.max(1, Runtime.getRuntime().availableProcessors());
    vertx
        .deployVerticle(
            () -> new HttpFront(front, relay, fleet, metrics, new Gate()),
            new DeploymentOptions().setInstances(eventLoops))
        .await();
    LOG.info("gateway {} listens on {}:{}", settings.id(), front.host(), front.port());
  }

  private void showMetrics() {
    metrics.gauge(MetricNames.IN_FLIGHT, relay::inFlight);
    metrics.gauge(
        MetricNames.WORKERS, () -> fleet.pools().stream().mapToInt(p -> p.workers().size()).sum());
    metrics.count(MetricNames.TRACE_LEAKED_SPANS, tracing::leakedSpans);
    router("index.blocks", RouterStats::indexBlocks);
    router("index.capacity.blocks", RouterStats::indexCapacity);
    router("index.bytes", RouterStats::indexBytes);
    router("active.reservations", RouterStats::activeReservations);
    router("predicted.blocks", RouterStats::predictedBlocks);
    metrics.count(
        MetricNames.ROUTER + "index.evictions",
        () -> fleet.routerFigure(RouterStats::indexEvictions));
    metrics.count(
        MetricNames.ROUTER + "decisions", () -> fleet.routerFigure(RouterStats::decisions));
    metrics.count(
        MetricNames.ROUTER + "ejections",
        () -> fleet.pools().stream().mapToLong(Pool::ejections).sum());
    metrics.gauge(
        MetricNames.ROUTER + "distrusted.ranks",
        () ->
            fleet.routerFigure(
                stats -> stats.ranks().stream().filter(rank -> !rank.truth().trusted()).count()));
    metrics.gauge(MetricNames.ROUTER + "peers", fleet::peers);
    for (ServedModel model : catalog.all()) {
      metrics.count(
          MetricNames.PROMPT_CACHE_HITS, () -> model.format().cacheHits(), "model", model.name());
      metrics.count(
          MetricNames.PROMPT_CACHE_MISSES,
          () -> model.format().cacheMisses(),
          "model",
          model.name());
    }
    transport
        .counters()
        .forEach((name, value) -> metrics.count(MetricNames.TRANSPORT + name, value::sum));
  }

  private void router(String name, ToDoubleFunction<RouterStats> figure) {
    metrics.gauge(MetricNames.ROUTER + name, () -> fleet.routerFigure(figure));
  }

  /** Refuses new requests, lets those in flight end, then stops. */
  @Override
  public void close() {
    open = false;
    Duration grace = settings.limits().drainTimeout();
    long until = System.nanoTime() + grace.toNanos();
    while (relay.inFlight() > 0 && System.nanoTime() < until) {
      LockSupport.parkNanos(DRAIN_POLL_NANOS);
    }
    int cut = relay.inFlight();
    if (cut > 0) {
      LOG.warn("{} requests were cut off after {} of drain", cut, grace);
    }
    transport.close();
    try {
      vertx.close().await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      LOG.warn("the HTTP server did not stop within {} s", STOP_SECONDS);
    }
    link.close();
    tracing.close();
    metrics.close();
    LOG.info("gateway {} stopped", settings.id());
  }

  private final class Gate implements HttpFront.Gate {
    @Override
    public boolean open() {
      return open;
    }

    @Override
    public boolean brokerConnected() {
      return link.connected();
    }
  }
}
