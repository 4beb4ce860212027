package io.baton.telemetry;

import io.baton.telemetry.TraceDecision.Sampling;
import io.baton.telemetry.slices.HostId;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A process's way to its trace backend, set up by the standard {@code OTEL_*} variables. Off, and
 * free, unless an OTLP endpoint or an exporter is named there. Thread-safe.
 */
public final class Tracing implements AutoCloseable {
  private static final long FLUSH_SECONDS = 5;

  private final Outlet outlet;
  private final Sampler sampler;
  private final Resource resource;
  private final Runnable closer;

  private Tracing(Outlet outlet, Sampler sampler, Resource resource, Runnable closer) {
    this.outlet = outlet;
    this.sampler = sampler;
    this.resource = resource;
    this.closer = closer;
  }

  /** Records nothing; contexts still travel. */
  public static Tracing off() {
    return new Tracing(new Outlet(null), Sampler.alwaysOff(), Resource.empty(), () -> {});
  }

  /**
   * Sets up the SDK. Without an exporter in the environment nothing is recorded, unless somebody
   * {@linkplain #tap taps} the spans.
   *
   * @param serviceName used unless {@code OTEL_SERVICE_NAME} says otherwise
   * @param instanceId {@code service.instance.id}
   * @param environment usually {@link System#getenv()}
   */
  public static Tracing start(
      String serviceName, String instanceId, Map<String, String> environment) {
    Map<String, String> standard = TraceEnvironment.standard(environment);
    if (!asksForTraces(standard)) {
      var name = Attributes.builder().put("service.name", serviceName).build();
      Resource resource = with(with(Resource.empty(), own(instanceId)), name);
      return new Tracing(
          new Outlet(null), Sampler.parentBased(Sampler.alwaysOn()), resource, () -> {});
    }
    var captured = new Captured();
    var sdk =
        AutoConfiguredOpenTelemetrySdk.builder()
            .disableShutdownHook()
            .addPropertiesSupplier(() -> defaults(serviceName, standard))
            .addResourceCustomizer((r, config) -> captured.resource = with(r, own(instanceId)))
            .addSamplerCustomizer((s, config) -> captured.sampler = s)
            .addSpanProcessorCustomizer((p, config) -> captured.processor = p)
            .build()
            .getOpenTelemetrySdk();
    return new Tracing(
        new Outlet(captured.processor),
        captured.sampler,
        captured.resource,
        () -> await(sdk.getSdkTracerProvider().shutdown()));
  }

  /** An exporter that nobody asked for would only fill the log with refused connections. */
  private static boolean asksForTraces(Map<String, String> environment) {
    String exporter = environment.getOrDefault("OTEL_TRACES_EXPORTER", "");
    boolean disabled =
        "true".equalsIgnoreCase(environment.get("OTEL_SDK_DISABLED")) || exporter.equals("none");
    boolean named =
        !exporter.isEmpty()
            || environment.containsKey("OTEL_EXPORTER_OTLP_ENDPOINT")
            || environment.containsKey("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    return named && !disabled;
  }

  /** What the process's own environment does not say; aliases were translated before. */
  private static Map<String, String> defaults(String serviceName, Map<String, String> standard) {
    var defaults = new HashMap<String, String>();
    defaults.put("otel.service.name", serviceName);
    defaults.put("otel.metrics.exporter", "none");
    defaults.put("otel.logs.exporter", "none");
    // The specification's default; the Java SDK's is gRPC.
    defaults.put("otel.exporter.otlp.protocol", "http/protobuf");
    defaults.put("otel.bsp.schedule.delay", "500");
    defaults.put("otel.bsp.max.queue.size", "32768");
    standard.forEach((name, value) -> {
      if (name.startsWith("OTEL_")) {
        defaults.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
      }
    });
    return defaults;
  }

  private static Attributes own(String instanceId) {
    return Attributes.builder()
        .put("service.namespace", "baton")
        .put("service.instance.id", instanceId)
        .put("host.id", HostId.VALUE)
        .put("process.pid", ProcessHandle.current().pid())
        .build();
  }

  /** Built anew rather than merged: merging over detected attributes logs a warning for each. */
  private static Resource with(Resource base, Attributes more) {
    return Resource.create(base.getAttributes().toBuilder().putAll(more).build());
  }

  /** The same way out under another service name, for an engine inside this process. */
  public Tracing as(String serviceName) {
    Resource named = with(resource, Attributes.builder().put("service.name", serviceName).build());
    return new Tracing(outlet, sampler, named, () -> {});
  }

  /**
   * Begins a trace, or continues a caller's, where nobody else has decided: an unsampled caller
   * stays unsampled, a new trace asks the configured sampler.
   *
   * @param traceparent the caller's header, or null; an invalid one counts as absent
   * @param tracestate the caller's header, or null
   * @param level 0 to 3
   */
  public TraceScope begin(@Nullable String traceparent, @Nullable String tracestate, int level) {
    return begin(
        traceparent,
        tracestate,
        (id, caller) ->
            new TraceDecision(level, samples(id, caller) ? Sampling.SAMPLED : Sampling.OFF));
  }

  /** Begins the part of a trace that this process makes for one request. */
  public TraceScope begin(
      @Nullable String traceparent, @Nullable String tracestate, TraceScope.Decider decider) {
    return TraceScope.begin(this, traceparent, tracestate, "", decider);
  }

  /**
   * Goes on with what a gateway decided.
   *
   * @param gateway its id
   * @param decision the value of Baton's own header, or null
   */
  public TraceScope follow(
      @Nullable String traceparent,
      @Nullable String tracestate,
      String gateway,
      @Nullable String decision) {
    return TraceScope.begin(
        this,
        traceparent,
        tracestate,
        gateway,
        (id, caller) -> TraceDecision.parse(decision, caller));
  }

  /** Shows all spans of this process to somebody beside the exporter; at most one such. */
  public void tap(SpanTap newTap) {
    outlet.tap = newTap;
  }

  /** Whether anybody takes spans. */
  public boolean enabled() {
    return outlet.processor != null || outlet.tap != null;
  }

  /** Spans that had to be ended because nobody else did; should be 0. */
  public long leakedSpans() {
    return outlet.leakedSpans.sum();
  }

  void countLeakedSpan() {
    outlet.leakedSpans.increment();
  }

  /** Whether the configured sampler wants this trace. */
  public boolean samples(String traceId, Optional<TraceParent> caller) {
    Context parent =
        caller
            .map(c ->
                Context.root()
                    .with(
                        Span.wrap(
                            SpanContext.createFromRemoteParent(
                                c.traceId(),
                                c.spanId(),
                                TraceFlags.fromByte((byte) c.flags()),
                                TraceState.getDefault()))))
            .orElse(Context.root());
    var result =
        sampler.shouldSample(
            parent,
            traceId,
            SpanNames.HTTP_REQUEST,
            SpanKind.SERVER,
            Attributes.empty(),
            List.of());
    return result.getDecision() == SamplingDecision.RECORD_AND_SAMPLE;
  }

  void export(String traceId, String gateway, List<ClosedSpan> spans, boolean deferred) {
    SpanTap tapping = outlet.tap;
    if (!deferred && (tapping == null || !tapping.exports())) {
      release(spans);
    }
    if (tapping != null) {
      tapping.onSpans(traceId, gateway, spans, deferred);
    }
  }

  /** Gives spans that were held back to the exporter, marked as perhaps not the whole trace. */
  public void releaseIncomplete(List<? extends SpanData> spans) {
    release(
        spans.stream().map(span -> with(span, Map.of(SpanNames.TRACE_INCOMPLETE, true))).toList());
  }

  /** A span of this process with further attributes. */
  public static SpanData with(SpanData span, Map<String, Object> more) {
    return ((ClosedSpan) span).with(more);
  }

  /** Gives spans that were held back to the exporter. */
  public void release(List<? extends SpanData> spans) {
    SpanProcessor to = outlet.processor;
    if (to != null) {
      for (SpanData span : spans) {
        to.onEnd((ClosedSpan) span);
      }
    }
  }

  Resource resource() {
    return resource;
  }

  /** Sends what is queued, some seconds at most, and stops. */
  @Override
  public void close() {
    closer.run();
  }

  private static void await(CompletableResultCode result) {
    result.join(FLUSH_SECONDS, TimeUnit.SECONDS);
  }

  /** Where a process's spans go, whatever service name they carry. */
  private static final class Outlet {
    private final @Nullable SpanProcessor processor;
    private final LongAdder leakedSpans = new LongAdder();
    private volatile @Nullable SpanTap tap;

    Outlet(@Nullable SpanProcessor processor) {
      this.processor = processor;
    }
  }

  /** What the SDK's set-up lets pass by. */
  private static final class Captured {
    private @Nullable SpanProcessor processor;
    private Sampler sampler = Sampler.alwaysOn();
    private Resource resource = Resource.getDefault();
  }
}
