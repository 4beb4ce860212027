package io.baton.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What users of other servers have in their environment means the same here. */
class TraceEnvironmentTest {
  @Test
  void exportIsTurnedOnAndOffAsInDynamo() {
    assertThat(TraceEnvironment.standard(Map.of("OTEL_EXPORT_ENABLED", "true")))
        .containsEntry("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://localhost:4317")
        .containsEntry("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc");
    Map<String, String> off =
        Map.of("OTEL_EXPORT_ENABLED", "false", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://x:4318");
    assertThat(TraceEnvironment.standard(off)).containsEntry("OTEL_TRACES_EXPORTER", "none");
    try (Tracing tracing = Tracing.start("s", "i", off)) {
      assertThat(tracing.enabled()).isFalse();
    }
  }

  @Test
  void aBareEndpointSpeaksGrpcUnlessToldOtherwise() {
    assertThat(TraceEnvironment.standard(Map.of("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "otel:4317")))
        .containsEntry("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://otel:4317")
        .containsEntry("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc");
    assertThat(
            TraceEnvironment.standard(
                Map.of(
                    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                    "otel:4318",
                    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
                    "http/protobuf")))
        .containsEntry("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf");
    Map<String, String> url = Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel:4318");
    assertThat(TraceEnvironment.standard(url)).isEqualTo(url);
  }

  @Test
  void theStandardNameWinsOverItsAlias() {
    assertThat(
            TraceEnvironment.standard(
                Map.of(
                    "SGLANG_OTLP_EXPORTER_SCHEDULE_DELAY_MILLIS", "100",
                    "SGLANG_OTLP_EXPORTER_MAX_EXPORT_BATCH_SIZE", "32",
                    "OTEL_BSP_SCHEDULE_DELAY", "900")))
        .containsEntry("OTEL_BSP_SCHEDULE_DELAY", "900")
        .containsEntry("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "32");
  }
}
