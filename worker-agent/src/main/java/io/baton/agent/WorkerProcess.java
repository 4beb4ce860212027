package io.baton.agent;

import io.baton.bridge.Engine;
import io.baton.bridge.EngineCard;
import io.baton.bridge.OpenAiEngine;
import io.baton.engine.BuiltinEngine;
import io.baton.proto.WireVersions;
import io.baton.proto.v1.Form;
import io.baton.proto.v1.HandoffStyle;
import io.baton.proto.v1.Role;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerState;
import io.baton.telemetry.MetricNames;
import io.baton.telemetry.Metrics;
import io.baton.telemetry.SliceSpans;
import io.baton.telemetry.Tracing;
import io.baton.telemetry.slices.HostId;
import io.baton.telemetry.slices.TraceClock;
import io.baton.transport.BrokerLink;
import io.baton.transport.BrokerUnavailableException;
import io.baton.transport.TransportTimings;
import io.baton.transport.WorkerTraceLink;
import io.baton.transport.WorkerTransport;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One worker: an engine and its agent, put together, started and stopped in order. */
public final class WorkerProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);

  /**
   * What a worker's process ends with when its engine has broken for good: whoever started it
   * should start it again. The {@code EX_TEMPFAIL} of sysexits.h.
   */
  public static final int ENGINE_LOST = 75;

  /** What a worker asks of the process that it is. Called on its own threads; must not block. */
  public interface Host {
    /** Somebody wants the worker to drain and end. */
    void drain();

    /** The engine has broken for good; its requests have been told. */
    void engineLost(String reason);
  }

  private static final long DRAIN_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final WorkerSettings settings;
  private final BrokerLink link;
  private final Tracing tracing;
  private final SliceSpans slices;
  private final Engine engine;
  private final Host host;
  private final WorkerAgent agent;
  private final WorkerTransport transport;
  private final SpanReporter spans;
  private final TraceControl traces;
  private final SystemServer system;
  private final Metrics metrics;
  private final Supplier<String> engineMetrics;
  private volatile boolean closing;

  private WorkerProcess(
      WorkerSettings settings,
      BrokerLink link,
      Tracing tracing,
      SliceSpans slices,
      Engine engine,
      Host host) {
    this.settings = settings;
    this.link = link;
    this.tracing = tracing;
    this.slices = slices;
    this.engine = engine;
    this.host = host;
    this.metrics = new Metrics();
    WorkerCard card = card();
    SglangMetrics sglang =
        engine instanceof BuiltinEngine builtin ? new SglangMetrics(builtin) : null;
    var traceLink = new WorkerTraceLink(link, card);
    this.spans = new SpanReporter(tracing, traceLink);
    this.agent =
        new WorkerAgent(
            engine,
            card,
            tracing,
            spans,
            new WorkerMetrics(metrics, sglang),
            settings.places(),
            host::drain,
            this::engineHealth);
    this.transport = new WorkerTransport(link, card, TransportTimings.DEFAULT, agent);
    transport.clock(TraceClock::now);
    this.engineMetrics = sglang == null ? engine::nativeMetrics : sglang::text;
    this.traces = new TraceControl(traceLink, tracing.enabled());
    this.system =
        new SystemServer(settings.system(), metrics, engineMetrics, link::connected, traces);
  }

  /**
   * Starts the engine, then the agent; returns when the worker takes requests.
   *
   * @param environment for the standard {@code OTEL_*} variables
   * @param host the process, which is told when to end
   */
  public static WorkerProcess start(
      WorkerSettings settings, Map<String, String> environment, Host host)
      throws BrokerUnavailableException, IOException {
    String role = settings.role().name().toLowerCase(java.util.Locale.ROOT);
    Tracing tracing = Tracing.start("baton-worker-" + role, settings.id(), environment);
    if (settings.reportSpans()) {
      // Before the engine asks whether anybody takes its slices.
      tracing.tap(SpanReporter.NOT_YET);
    }
    var slices = new SliceSpans(tracing.as("baton-engine"));
    Engine engine = EngineFactory.create(settings, slices);
    BrokerLink link;
    try {
      link = BrokerLink.connect(settings.nats(), "worker-" + settings.id());
    } catch (BrokerUnavailableException e) {
      engine.close();
      throw e;
    }
    var worker = new WorkerProcess(settings, link, tracing, slices, engine, host);
    worker.listen();
    return worker;
  }

  private void listen() {
    showMetrics();
    engine.onKvEvents(
        (rank, first, events) -> transport.publishKvEvents(rank, first, WireKvEvents.of(events)));
    system.start();
    transport.start();
    traces.start(settings.id());
    spans.start(settings.reportSpans());
    transport.state(WorkerState.WORKER_READY);
    engine.onLost(this::engineLost);
    LOG.info(
        "worker {} takes {} legs with engine {}",
        settings.id(),
        settings.role(),
        engine.card().engine());
  }

  /** Baton's metrics and the engine's own, in Prometheus' text format. */
  String metricsText() {
    return metrics.scrape() + engineMetrics.get();
  }

  private WorkerCard card() {
    EngineCard engineCard = engine.card();
    List<String> models = settings.models().isEmpty() ? engineCard.models() : settings.models();
    var card =
        WorkerCard.newBuilder()
            .setWorkerId(settings.id())
            .setIncarnation(new SecureRandom().nextLong())
            .setNamespace(settings.namespace())
            .setPool(settings.pool())
            .setRole(role(engineCard.role()))
            .setForm(engine instanceof OpenAiEngine ? Form.FORM_OPENAI : Form.FORM_TOKENS)
            .addAllModels(models)
            .putAllLabels(settings.labelsByKey())
            .setEngine(engineCard.engine())
            .setEngineVersion(engineCard.version())
            .setDpSize(engineCard.dpSize())
            .setBlockSize(engineCard.blockSize())
            .setTotalBlocks(engineCard.totalBlocks())
            .setMaxContext(engineCard.maxContext())
            .setPublishesKvEvents(engineCard.publishesKvEvents())
            .setTokenizerSha256(engineCard.tokenizerSha256())
            .addAllEosTokenIds(engineCard.eosTokenIds())
            .addAllWireVersions(WireVersions.SPOKEN)
            .addAllTokenProbes(engine.tokenProbes())
            .setHostId(HostId.VALUE);
    engineCard
        .handoff()
        .ifPresent(handoff ->
            card.setHandoff(style(handoff.style()))
                .setDataHost(handoff.dataHost())
                .setDataPort(handoff.dataPort())
                .setKvLayout(handoff.kvLayout()));
    return card.build();
  }

  private static HandoffStyle style(EngineCard.HandoffStyle style) {
    return switch (style) {
      case ROOM -> HandoffStyle.HANDOFF_ROOM;
      case PARAMETERS -> HandoffStyle.HANDOFF_PARAMETERS;
    };
  }

  private static Role role(EngineCard.Role role) {
    return switch (role) {
      case AGGREGATED -> Role.ROLE_AGGREGATED;
      case PREFILL -> Role.ROLE_PREFILL;
      case DECODE -> Role.ROLE_DECODE;
    };
  }

  /** An engine that is away takes no requests; gateways send none meanwhile. */
  private void engineHealth(boolean healthy) {
    if (!closing) {
      LOG.warn("the engine {}", healthy ? "is there again" : "does not answer");
      transport.state(healthy ? WorkerState.WORKER_READY : WorkerState.WORKER_STARTING);
    }
  }

  /** Nothing new comes here any more while the process ends. */
  private void engineLost(String reason) {
    LOG.error(
        "worker {} ends, and can be started again at once (exit code {}): {}",
        settings.id(),
        ENGINE_LOST,
        reason);
    transport.state(WorkerState.WORKER_DRAINING);
    host.engineLost(reason);
  }

  private void showMetrics() {
    metrics.gauge(MetricNames.WORKER + "live.legs", agent::live);
    metrics.count(MetricNames.TRACE_LEAKED_SPANS, tracing::leakedSpans);
    metrics.count(MetricNames.TRACE_DROPPED_REQUESTS, slices::dropped);
    metrics.count(MetricNames.CLOCK_VIOLATIONS, TransitSpan.VIOLATIONS::sum);
    metrics.count(MetricNames.TRACE_UNREPORTED_SPANS, spans::dropped);
    metrics.gauge(MetricNames.TRACE_HELD_SPANS, spans::held);
    metrics.count(MetricNames.TRACE_UNJUDGED, spans::unjudged);
    metrics.gauge(MetricNames.TRACE_QUEUED_REQUESTS, slices::queued);
    transport
        .counters()
        .forEach((name, value) -> metrics.count(MetricNames.TRANSPORT + name, value::sum));
    EngineMetrics.show(engine, metrics);
  }

  /** Takes nothing new, lets legs under way end, then stops. */
  @Override
  public void close() {
    closing = true;
    transport.state(WorkerState.WORKER_DRAINING);
    long until = System.nanoTime() + settings.drainTimeout().toNanos();
    while (agent.live() > 0 && System.nanoTime() < until) {
      LockSupport.parkNanos(DRAIN_POLL_NANOS);
    }
    transport.close();
    engine.close();
    slices.close();
    spans.close();
    tracing.close();
    system.close();
    link.close();
    metrics.close();
    LOG.info("worker {} stopped", settings.id());
  }
}
