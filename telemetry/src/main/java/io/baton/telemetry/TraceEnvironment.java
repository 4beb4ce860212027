package io.baton.telemetry;

import java.util.HashMap;
import java.util.Map;

/**
 * Reads the environment as users of Dynamo and SGLang write it: their names as aliases of the
 * standard ones, which win where both are set. docs/observability.md lists them.
 */
final class TraceEnvironment {
  private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
  private static final String TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  private static final String TRACES_PROTOCOL = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
  private static final String PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL";
  private static final String ENABLED = "OTEL_EXPORT_ENABLED";

  private TraceEnvironment() {}

  /** The same in standard names only. */
  static Map<String, String> standard(Map<String, String> environment) {
    var all = new HashMap<>(environment);
    alias(all, "SGLANG_OTLP_EXPORTER_SCHEDULE_DELAY_MILLIS", "OTEL_BSP_SCHEDULE_DELAY");
    alias(all, "SGLANG_OTLP_EXPORTER_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE");
    bareEndpoint(all, ENDPOINT, PROTOCOL);
    bareEndpoint(all, TRACES_ENDPOINT, TRACES_PROTOCOL);
    String enabled = all.getOrDefault(ENABLED, "");
    if (isTrue(enabled)) {
      if (!all.containsKey(ENDPOINT) && !all.containsKey(TRACES_ENDPOINT)) {
        all.put(TRACES_ENDPOINT, "http://localhost:4317");
        all.putIfAbsent(TRACES_PROTOCOL, "grpc");
      }
    } else if (!enabled.isBlank()) {
      all.put("OTEL_TRACES_EXPORTER", "none");
    }
    return all;
  }

  private static void alias(Map<String, String> all, String alias, String standard) {
    String value = all.get(alias);
    if (value != null) {
      all.putIfAbsent(standard, value);
    }
  }

  /** {@code host:port} is how SGLang names a gRPC endpoint. */
  private static void bareEndpoint(Map<String, String> all, String endpoint, String protocol) {
    String value = all.get(endpoint);
    if (value != null && !value.isBlank() && !value.contains("://")) {
      all.put(endpoint, "http://" + value);
      all.putIfAbsent(protocol, "grpc");
    }
  }

  static boolean isTrue(String value) {
    return value.equalsIgnoreCase("true") || value.equals("1");
  }
}
