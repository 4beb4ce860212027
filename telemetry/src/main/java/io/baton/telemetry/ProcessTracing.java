package io.baton.telemetry;

import io.baton.telemetry.slices.SliceExporter;
import java.util.HashMap;
import java.util.Map;

/**
 * Tracing of an engine that runs in a process of its own, for engine authors: the twin of SGLang's
 * {@code process_tracing_init}.
 */
public final class ProcessTracing implements AutoCloseable {
  private final Tracing tracing;
  private final SliceSpans spans;

  private ProcessTracing(Tracing tracing) {
    this.tracing = tracing;
    this.spans = new SliceSpans(tracing);
  }

  /**
   * Starts to export an engine's slices.
   *
   * @param endpoint where OTLP is taken: a URL, or {@code host:port}, which means gRPC
   * @param serverName {@code service.name} of all spans
   * @param environment for further {@code OTEL_*} variables, usually {@link System#getenv()}
   */
  public static ProcessTracing processTracingInit(
      String endpoint, String serverName, Map<String, String> environment) {
    var all = new HashMap<>(environment);
    boolean bare = !endpoint.contains("://");
    all.put("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", bare ? "http://" + endpoint : endpoint);
    if (bare) {
      all.put("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc");
    }
    all.put("OTEL_SERVICE_NAME", serverName);
    String instance = serverName + "-" + ProcessHandle.current().pid();
    return new ProcessTracing(Tracing.start(serverName, instance, all));
  }

  /** What {@link io.baton.telemetry.slices.RequestTrace#start} takes. */
  public SliceExporter exporter() {
    return spans;
  }

  /** Sends what is queued, some seconds at most, and stops. */
  @Override
  public void close() {
    spans.close();
    tracing.close();
  }
}
