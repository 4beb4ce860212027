package io.baton.standalone;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Flags and variables that users of Dynamo and SGLang know. Each only stands in for one of Baton's
 * own settings or a standard variable, which wins where both are given.
 */
final class Aliases {
  @Option(
      names = {"--enable-trace", "--enable-otel"},
      description = "Export traces, to localhost:4317 unless an endpoint is named.")
  private boolean trace;

  @Option(
      names = {"--otlp-traces-endpoint", "--oltp-traces-endpoint"},
      paramLabel = "ENDPOINT",
      description = "Where traces go: a URL, or host:port for gRPC.")
  private @Nullable String endpoint;

  @Option(
      names = "--enable-metrics",
      description = "Serve /metrics on any free port, if it is off.")
  private boolean metrics;

  /** The environment of a gateway, in Baton's and standard names. */
  Map<String, String> ofGateway(Map<String, String> environment) {
    Map<String, String> all = common(environment);
    alias(all, "DYN_HTTP_PORT", "BATON_SERVER_PORT");
    return all;
  }

  /** The environment of a worker, in Baton's and standard names. */
  Map<String, String> ofWorker(Map<String, String> environment) {
    Map<String, String> all = common(environment);
    alias(all, "DYN_SYSTEM_PORT", "BATON_SYSTEM_PORT");
    if (metrics) {
      all.putIfAbsent("BATON_SYSTEM_PORT", "0");
    }
    return all;
  }

  private Map<String, String> common(Map<String, String> environment) {
    var all = new HashMap<>(environment);
    if (trace) {
      all.putIfAbsent("OTEL_EXPORT_ENABLED", "true");
    }
    if (endpoint != null) {
      all.putIfAbsent("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint);
    }
    return all;
  }

  private static void alias(Map<String, String> all, String alias, String own) {
    String value = all.get(alias);
    if (value != null) {
      all.putIfAbsent(own, value);
    }
  }
}
