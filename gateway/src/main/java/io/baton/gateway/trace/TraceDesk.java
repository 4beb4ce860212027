package io.baton.gateway.trace;

import io.baton.gateway.admin.AdminAnswer;
import io.baton.gateway.admin.AdminRequest;
import io.baton.gateway.admin.AdminServer;
import io.baton.gateway.trace.ClockOffsets.Offset;
import io.baton.proto.v1.TraceSetting;
import io.baton.proto.v1.TraceSpans;
import io.baton.telemetry.MetricNames;
import io.baton.telemetry.Metrics;
import io.baton.telemetry.TraceLevels;
import io.baton.telemetry.Tracing;
import io.baton.telemetry.slices.TraceClock;
import io.baton.transport.BrokerLink;
import io.baton.transport.GatewayTraceLink;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All of the gateway's tracing in one place. Thread-safe. */
public final class TraceDesk implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TraceDesk.class);

  private final String gatewayId;
  private final TraceLevels levels;
  private final TraceRules rules;
  private final KeepRules keepRules;
  private final GatewayTraceLink link;
  private final RecentTraces recent;
  private final TraceClerk clerk;
  private final ClockOffsets clocks;

  /** What the file said last; an operator's word may have changed the level since. */
  private int configuredLevel;

  /** A desk that hears nothing yet; call {@link #start}. */
  public TraceDesk(
      TraceSettings settings,
      String gatewayId,
      Tracing tracing,
      BrokerLink broker,
      String namespace,
      long incarnation,
      ClockOffsets clocks,
      Metrics metrics) {
    this.gatewayId = gatewayId;
    this.clocks = clocks;
    this.link = new GatewayTraceLink(broker, namespace, gatewayId, incarnation, new FromFleet());
    this.recent = new RecentTraces(settings.recent());
    boolean wanted = tracing.enabled() || settings.recent() > 0;
    this.keepRules = new KeepRules(settings);
    this.configuredLevel = settings.level();
    this.clerk =
        new TraceClerk(
            tracing,
            recent,
            keepRules,
            new Verdicts(link),
            new TraceMetrics(metrics),
            new TraceFile(settings.file()));
    if (wanted) {
      tracing.tap(clerk);
    }
    this.levels = new TraceLevels(settings.level(), wanted);
    this.rules = new TraceRules(settings, levels, tracing);
    show(metrics);
  }

  private void show(Metrics metrics) {
    metrics.gauge(MetricNames.TRACE_LEVEL, levels::level);
    metrics.gauge(MetricNames.RECENT_TRACES, recent::traces);
    metrics.gauge(MetricNames.RECENT_SPANS, recent::spans);
    metrics.count(MetricNames.RECENT_EVICTIONS, recent::evicted);
    metrics.gauges(MetricNames.CLOCK_OFFSET, "peer", () -> clocks.seconds(Offset::offsetNanos));
    metrics.gauges(MetricNames.CLOCK_ERROR, "peer", () -> clocks.seconds(Offset::errorNanos));
    metrics.count(MetricNames.TRACE_UNNOTED_SPANS, clerk::dropped);
  }

  /** Subscribes. */
  public void start() {
    clerk.start();
    link.start(wire(levels.current()));
  }

  /** Adds what operators may ask of traces. */
  public void routes(AdminServer admin) {
    admin.route(Set.of("GET", "POST"), "/set_trace_level", this::setLevel);
    new TraceRoutes(recent).addTo(admin);
  }

  private AdminAnswer setLevel(AdminRequest request) {
    Optional<String> level = request.parameter("level");
    if (level.isEmpty() || !level.get().matches("[0-3]")) {
      return AdminAnswer.error(
          400, "level: " + level.orElse("missing") + " (expected: 0, 1, 2 or 3)");
    }
    try {
      TraceLevels.Setting set = levels.set(Integer.parseInt(level.get()), TraceClock.now());
      link.tell(wire(set));
      LOG.info("trace level is {} from now on, set here", set.level());
      return AdminAnswer.text("success\n");
    } catch (IllegalStateException e) {
      return AdminAnswer.error(409, "set_trace_level: " + e.getMessage());
    }
  }

  /**
   * Decides by other rules from now on. A level that the file names anew is told to the whole
   * fleet, as an operator's is. Called by one thread at a time.
   */
  public void configure(TraceSettings changed) {
    rules.configure(changed);
    keepRules.configure(changed);
    if (changed.level() != configuredLevel) {
      configuredLevel = changed.level();
      try {
        link.tell(wire(levels.set(changed.level(), TraceClock.now())));
      } catch (IllegalStateException e) {
        LOG.warn("trace.level: {} is not in force: {}", changed.level(), e.getMessage());
      }
    }
  }

  private TraceSetting wire(TraceLevels.Setting setting) {
    return TraceSetting.newBuilder()
        .setLevel(setting.level())
        .setRevision(setting.revision())
        .setProcess(gatewayId)
        .build();
  }

  /** By which requests' traces are decided. */
  public TraceRules rules() {
    return rules;
  }

  /** The workers' clocks. */
  public ClockOffsets clocks() {
    return clocks;
  }

  /** A request has ended and its spans of this process are handed over. */
  public void concluded(RequestOutcome outcome) {
    clerk.concluded(outcome);
  }

  @Override
  public void close() {
    clerk.close();
  }

  private final class FromFleet implements GatewayTraceLink.Listener {
    @Override
    public void onLevel(TraceSetting heard) {
      var setting = new TraceLevels.Setting(heard.getLevel(), heard.getRevision());
      if (levels.follow(setting)) {
        LOG.info("trace level is {} from now on, set at {}", heard.getLevel(), heard.getProcess());
        // A worker's word reaches gateways only; from here it reaches everybody.
        link.tell(wire(levels.current()));
      } else if (heard.getRevision() < levels.current().revision()) {
        link.tell(wire(levels.current()));
      }
    }

    @Override
    public void onSpans(TraceSpans spans) {
      clerk.onWorkerSpans(spans);
    }
  }
}
