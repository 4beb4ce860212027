package io.baton.gateway.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.telemetry.record.OtlpJson;
import io.baton.telemetry.record.SpanRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file holds whole traces that can be read back, and never more than it may. */
class TraceFileTest {
  @TempDir private Path folder;

  private static SpanRecord span(int number) {
    return new SpanRecord(
        "%032x".formatted(number + 1),
        "%016x".formatted(number + 1),
        "",
        "http-request",
        "SERVER",
        1_000,
        2_000,
        Map.of("text", "é\"\n", "long", 7L, "double", 1.5, "flag", true, "list", List.of("a")),
        List.of(new SpanRecord.Event("first_token", 1_500, Map.of())),
        List.of(new SpanRecord.Link("%032x".formatted(9), "%016x".formatted(9))),
        true,
        "why",
        new SpanRecord.Origin(Map.of("service.name", "baton-gateway")));
  }

  @Test
  void whatWasWrittenIsReadBackAndOldFilesGo() throws Exception {
    Path path = folder.resolve("otel_trace.json");
    var file = new TraceFile(new TraceFile.Settings(Optional.of(path), 2_048, 2));
    for (int i = 0; i < 20; i++) {
      file.write(List.of(span(i)));
    }

    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("otel_trace.json", "otel_trace.json.1", "otel_trace.json.2");
    }
    assertThat(Files.size(path)).isLessThanOrEqualTo(2_048);
    List<String> lines = Files.readAllLines(path);
    assertThat(OtlpJson.read(lines.getLast())).containsExactly(span(19));
  }

  @Test
  void aPathThatCannotBeWrittenBreaksNothing() {
    Path nowhere = folder.resolve("no/such/folder/file");
    var file = new TraceFile(new TraceFile.Settings(Optional.of(nowhere), 2_048, 2));

    file.write(List.of(span(1)));

    assertThat(nowhere).doesNotExist();
  }
}
