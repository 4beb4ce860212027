package io.baton.gateway.trace;

import io.baton.config.Setting;
import io.baton.telemetry.RotatedFile;
import io.baton.telemetry.record.OtlpJson;
import io.baton.telemetry.record.SpanRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A file of OTLP JSON, one whole trace per line, with the spans of all processes. Full files are
 * renamed to {@code PATH.1} and so on; the oldest goes. Of one thread.
 */
final class TraceFile {
  /** Where and how much. */
  public record Settings(
      @Setting("File that kept traces are appended to as OTLP JSON, such as /tmp/otel_trace.json.")
          Optional<Path> path,
      @Setting(value = "Size at which it is rotated.", def = "100MiB", min = 1024) long maxSize,
      @Setting(value = "Old files that are kept.", def = "3", min = 0, max = 100) int oldFiles) {}

  private final Optional<RotatedFile> file;

  TraceFile(Settings settings) {
    this.file =
        settings
            .path()
            .map(path ->
                new RotatedFile("trace.file.path", path, settings.maxSize(), settings.oldFiles()));
  }

  /** Whether anybody wants it. */
  boolean wanted() {
    return file.isPresent();
  }

  /** Appends a trace; a file that cannot be written costs nothing else. */
  void write(List<SpanRecord> spans) {
    if (file.isPresent() && !spans.isEmpty()) {
      file.get().append((OtlpJson.write(spans) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }
}
