package io.baton.gateway.trace;

import io.baton.config.Setting;
import io.baton.telemetry.record.OtlpJson;
import io.baton.telemetry.record.SpanRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of OTLP JSON, one whole trace per line, with the spans of all processes. Full files are
 * renamed to {@code PATH.1} and so on; the oldest goes. Of one thread.
 */
final class TraceFile {
  private static final Logger LOG = LoggerFactory.getLogger(TraceFile.class);

  /** Where and how much. */
  public record Settings(
      @Setting("File that kept traces are appended to as OTLP JSON, such as /tmp/otel_trace.json.")
          Optional<Path> path,
      @Setting(value = "Size at which it is rotated.", def = "100MiB", min = 1024) long maxSize,
      @Setting(value = "Old files that are kept.", def = "3", min = 0, max = 100) int oldFiles) {}

  private final Settings settings;
  private boolean complained;

  TraceFile(Settings settings) {
    this.settings = settings;
  }

  /** Whether anybody wants it. */
  boolean wanted() {
    return settings.path().isPresent();
  }

  /** Appends a trace; a file that cannot be written is said once, and costs nothing else. */
  void write(List<SpanRecord> spans) {
    if (settings.path().isEmpty() || spans.isEmpty()) {
      return;
    }
    Path path = settings.path().get();
    byte[] line = (OtlpJson.write(spans) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      if (Files.exists(path)
          && Files.size(path) > 0
          && Files.size(path) + line.length > settings.maxSize()) {
        rotate(path);
      }
      Files.write(path, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      complained = false;
    } catch (IOException e) {
      if (!complained) {
        complained = true;
        LOG.warn("trace.file.path: {} cannot be written ({})", path, e.toString());
      }
    }
  }

  private void rotate(Path path) throws IOException {
    if (settings.oldFiles() == 0) {
      Files.delete(path);
      return;
    }
    for (int i = settings.oldFiles() - 1; i >= 1; i--) {
      Path old = numbered(path, i);
      if (Files.exists(old)) {
        Files.move(old, numbered(path, i + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(path, numbered(path, 1), StandardCopyOption.REPLACE_EXISTING);
  }

  private static Path numbered(Path path, int number) {
    return path.resolveSibling(path.getFileName() + "." + number);
  }
}
