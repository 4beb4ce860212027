package io.baton.gateway;

import io.baton.config.ConfigException;
import io.baton.config.SettingsWatch;
import io.baton.gateway.admin.AdminAnswer;
import io.baton.gateway.admin.AdminServer;
import io.baton.gateway.admin.WorkerRoutes;
import io.baton.gateway.admission.Admission;
import io.baton.gateway.auth.Access;
import io.baton.gateway.fleet.Fleet;
import io.baton.gateway.fleet.ModelCatalog;
import io.baton.gateway.fleet.Pool;
import io.baton.gateway.fleet.ServedModel;
import io.baton.gateway.http.HttpFront;
import io.baton.gateway.relay.Relay;
import io.baton.gateway.relay.RouteExplain;
import io.baton.gateway.routing.ReceiptLog;
import io.baton.gateway.routing.RouteDesk;
import io.baton.gateway.trace.ClockOffsets;
import io.baton.gateway.trace.TraceDesk;
import io.baton.gateway.usage.AccessLog;
import io.baton.gateway.usage.KeyUsage;
import io.baton.kvrouter.KvRouter;
import io.baton.kvrouter.RouterSettings;
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
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One gateway: its parts put together, started and stopped in order. */
public final class Gateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final Duration SILENCE = Duration.ofMinutes(1);
  private static final long STOP_SECONDS = 10;
  private static final long EXPIRE_MILLIS = 100;
  private static final long RELOAD_MILLIS = 1_000;
  private static final long DRAIN_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final GatewaySettings settings;
  private final Access access;
  private final Vertx vertx;
  private final Tracing tracing;
  private final Metrics metrics;
  private final BrokerLink link;
  private final GatewayTransport transport;
  private final ModelCatalog catalog;
  private final Fleet fleet;
  private final Admission admission;
  private final AccessLog accessLog;
  private final Relay relay;
  private final TraceDesk traces;
  private final AdminServer admin;
  private volatile boolean open = true;
  private volatile Supplier<String> settingsText = () -> "not known here\n";

  private Gateway(
      GatewaySettings settings,
      BrokerLink link,
      ModelCatalog catalog,
      Access access,
      Tracing tracing) {
    this.settings = settings;
    this.access = access;
    this.link = link;
    this.tracing = tracing;
    this.vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    this.metrics = new Metrics();
    this.catalog = catalog;
    this.fleet = new Fleet(catalog, settings.router().toSettings(), Gateway::newRouter);
    var clocks = new ClockOffsets(settings.id(), fleet);
    this.transport =
        new GatewayTransport(
            link,
            settings.namespace(),
            settings.pools(),
            settings.id(),
            TransportTimings.DEFAULT,
            clocks);
    transport.clock(TraceClock::now);
    this.traces =
        new TraceDesk(
            settings.trace(),
            settings.id(),
            tracing,
            link,
            settings.namespace(),
            transport.incarnation(),
            clocks,
            metrics);
    this.admin = new AdminServer(vertx, settings.admin().toSettings(), access);
    this.admission =
        new Admission(settings.admission().toSettings(), System::nanoTime, fleet::room);
    fleet.onRoom(admission::roomChanged);
    this.accessLog = new AccessLog(settings.accessLog());
    this.relay =
        new Relay(
            vertx,
            settings.toRelaySettings(),
            tracing,
            traces,
            transport,
            fleet,
            new GatewayMetrics(metrics),
            admission,
            accessLog,
            new KeyUsage(metrics, settings.auth().keyLabels()),
            new RouteDesk(
                settings.router().toRules(), new ReceiptLog(settings.router().receipts())));
  }

  /**
   * Starts a gateway and returns when it listens; workers may still be on their way.
   *
   * @param environment for the standard {@code OTEL_*} variables
   * @throws BrokerUnavailableException if no broker answers
   * @throws ConfigException if the file of keys cannot be used
   * @throws IOException if a model's files cannot be read
   */
  public static Gateway start(GatewaySettings settings, Map<String, String> environment)
      throws BrokerUnavailableException, ConfigException, IOException {
    Access access = Access.of(settings.auth().keysFile());
    warnIfOpen(settings, access);
    ModelCatalog catalog =
        ModelCatalog.load(settings.models().stream().map(GatewaySettings.Model::toEntry).toList());
    BrokerLink link = BrokerLink.connect(settings.nats(), "gateway-" + settings.id());
    Tracing tracing = Tracing.start("baton-gateway", settings.id(), environment);
    var gateway = new Gateway(settings, link, catalog, access, tracing);
    gateway.listen();
    return gateway;
  }

  private static KvRouter newRouter(RouterSettings by) {
    return new KvRouter(by, TraceClock::now, new SplittableRandom());
  }

  private void listen() {
    showMetrics();
    transport.reservations(fleet::reservations);
    transport.start();
    traces.start();
    traces.routes(admin);
    new WorkerRoutes(fleet, transport).addTo(admin);
    admin.route(Set.of("GET"), "/v1/config", request -> AdminAnswer.text(settingsText.get()));
    admin.route(Set.of("GET"), "/metrics", request -> AdminAnswer.text(metrics.scrape()));
    new ExplainRoute(new RouteExplain(relay)).addTo(admin);
    admin.start();
    var front =
        new HttpFront.Settings(
            settings.server().host(),
            settings.server().port(),
            settings.server().maxBody(),
            settings.server().bodyTimeout(),
            settings.server().headerTimeout(),
            settings.server().idleTimeout(),
            // Longer than any request may take, as an answer may be silent for all of that.
            settings.limits().requestTimeout().multipliedBy(2).plus(SILENCE),
            settings.server().http2ClearText(),
            settings.server().maxHeader(),
            settings.limits().maxInFlight(),
            settings.server().strictReadiness(),
            settings.server().corsOrigins(),
            settings.server().tls().toFiles());
    int configured = settings.server().eventLoops();
    int eventLoops =
        configured > 0 ? configured : Math.max(1, Runtime.getRuntime().availableProcessors());
    vertx
        .deployVerticle(
            () -> new HttpFront(front, relay, fleet, metrics, new Gate(), access),
            new DeploymentOptions().setInstances(eventLoops))
        .await();
    vertx.setPeriodic(EXPIRE_MILLIS, EXPIRE_MILLIS, t -> admission.expire());
    vertx.setPeriodic(RELOAD_MILLIS, RELOAD_MILLIS, t -> runBlocking(access::reload));
    LOG.info("gateway {} listens on {}:{}", settings.id(), front.host(), front.port());
  }

  /**
   * Has operators shown the settings.
   *
   * @param text as {@code baton config show} prints them; asked for each time
   */
  public void showSettings(Supplier<String> text) {
    settingsText = text;
  }

  /**
   * Follows the configuration file: what can change while requests run does so, the rest is logged
   * as waiting for a restart.
   */
  public void follow(SettingsWatch<GatewaySettings> watch) {
    var reload = new SettingsReload(watch, metrics, this::configure);
    vertx.setPeriodic(RELOAD_MILLIS, RELOAD_MILLIS, t -> runBlocking(reload::poll));
  }

  private void configure(GatewaySettings changed) {
    relay.configure(changed.toRelaySettings());
    fleet.reconfigureRouters(changed.router().toSettings());
    relay.routes().configure(changed.router().toRules());
    traces.configure(changed.trace());
  }

  /** One at a time: the next waits until this one has ended. */
  private void runBlocking(Runnable work) {
    var _ =
        vertx.executeBlocking(
            () -> {
              work.run();
              return true;
            },
            true);
  }

  private static void warnIfOpen(GatewaySettings settings, Access access) {
    String host = settings.server().host();
    if (!access.guarded() && !host.startsWith("127.") && !host.equals("localhost")) {
      LOG.warn(
          "ANYBODY who reaches {}:{} may use the models: no auth.keys_file is set"
              + " (`baton keys new NAME` makes keys)",
          host,
          settings.server().port());
    }
  }

  private void showMetrics() {
    metrics.gauge(MetricNames.IN_FLIGHT, relay::inFlight);
    metrics.gauge(
        MetricNames.WORKERS, () -> fleet.pools().stream().mapToInt(p -> p.workers().size()).sum());
    metrics.gauges(MetricNames.WORKER_STATES, "state", fleet::workerStates);
    metrics.gauges(MetricNames.POOL_READY, "pool", fleet::poolsReady);
    showAdmission();
    showAccessLog();
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
    metrics.count(
        MetricNames.ROUTER + "legs.gone",
        () -> fleet.pools().stream().mapToLong(Pool::legsGone).sum());
    ReceiptLog receipts = relay.routes().receipts();
    metrics.gauge(MetricNames.ROUTER + "receipts.waiting", receipts::waiting);
    metrics.count(MetricNames.ROUTER + "receipts.written", receipts::written);
    metrics.count(MetricNames.ROUTER + "receipts.dropped", receipts::dropped);
    metrics.gauge(
        MetricNames.ROUTER + "workers.without.kv.routing", fleet::workersWithoutKvRouting);
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

  private void showAccessLog() {
    metrics.gauge(MetricNames.ACCESS_LOG + "waiting.lines", accessLog::waiting);
    metrics.count(MetricNames.ACCESS_LOG + "lines", accessLog::written);
    metrics.count(MetricNames.ACCESS_LOG + "dropped.lines", accessLog::dropped);
  }

  private void showAdmission() {
    metrics.gauge(MetricNames.ADMISSION + "running.requests", admission::running);
    metrics.gauge(MetricNames.ADMISSION + "waiting.requests", admission::waiting);
    metrics.gauge(MetricNames.ADMISSION + "waiting.tokens", admission::waitingTokens);
    metrics.gauges(MetricNames.POOL_ROOM, "pool", fleet::poolsRoom);
    for (Admission.Outcome outcome : Admission.Outcome.values()) {
      String label = outcome.name().toLowerCase(Locale.ROOT);
      metrics.count(
          MetricNames.ADMISSION + "requests", () -> admission.count(outcome), "outcome", label);
    }
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
    admin.close();
    traces.close();
    try {
      vertx.close().await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      LOG.warn("the HTTP server did not stop within {} s", STOP_SECONDS);
    }
    link.close();
    accessLog.close();
    relay.routes().close();
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
