package io.baton.gateway.usage;

import io.baton.config.Setting;
import io.baton.telemetry.LineWriter;
import io.baton.telemetry.RotatedFile;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JSON line per request, written by a thread of its own. Whoever tells of a request never
 * waits: if the disk does not keep up and the queue is full, the line is dropped and counted.
 */
public final class AccessLog implements AutoCloseable {
  /** The same among the process's own log lines, for those who read those by trace id. */
  private static final Logger REQUESTS = LoggerFactory.getLogger("io.baton.requests");

  private static final Path STANDARD_OUTPUT = Path.of("-");

  /** Where and how much. */
  public record Settings(
      @Setting("File of one JSON line per request; - is standard output, empty is none.")
          Optional<Path> path,
      @Setting(value = "Size at which it is rotated.", def = "100MiB", min = 1024) long maxSize,
      @Setting(value = "Old files that are kept.", def = "5", min = 0, max = 100) int oldFiles,
      @Setting(
              value = "Lines that may wait for the disk; more are dropped and counted.",
              def = "8192",
              min = 1,
              max = 1_000_000)
          int queue) {}

  /** Empty if no log is wanted. */
  private final Optional<LineWriter<AccessRecord>> lines;

  /** Starts the writer, if a log is wanted. */
  public AccessLog(Settings settings) {
    this(settings.path().isPresent() || REQUESTS.isInfoEnabled(), sink(settings), settings.queue());
  }

  /**
   * Writes elsewhere.
   *
   * @param sink takes whole lines; says whether they were written
   */
  AccessLog(boolean wanted, Predicate<byte[]> sink, int capacity) {
    lines =
        wanted
            ? Optional.of(new LineWriter<>("baton-access-log", capacity, AccessLog::line, sink))
            : Optional.empty();
  }

  private static Predicate<byte[]> sink(Settings settings) {
    if (settings.path().isEmpty()) {
      return lines -> true;
    }
    Path path = settings.path().get();
    if (path.equals(STANDARD_OUTPUT)) {
      return lines -> {
        PrintStream out = System.out;
        out.write(lines, 0, lines.length);
        out.flush();
        return !out.checkError();
      };
    }
    var file = new RotatedFile("access_log.path", path, settings.maxSize(), settings.oldFiles());
    return file::append;
  }

  /** Tells of a request that has ended. Never waits. */
  public void add(AccessRecord request) {
    lines.ifPresent(writer -> writer.add(request));
  }

  private static String line(AccessRecord request) {
    if (REQUESTS.isInfoEnabled()) {
      log(request);
    }
    return request.json();
  }

  private static void log(AccessRecord request) {
    REQUESTS
        .atInfo()
        .addKeyValue("trace_id", request.traceId())
        .addKeyValue("span_id", request.spanId())
        .addKeyValue("x_request_id", request.requestId())
        .addKeyValue("model", request.model())
        .addKeyValue("status", request.status())
        .addKeyValue("seconds", (request.endNanos() - request.startNanos()) / 1e9)
        .log("request completed");
  }

  /** Lines that wait for the disk. */
  public int waiting() {
    return lines.map(LineWriter::waiting).orElse(0);
  }

  /** Lines written since the start. */
  public long written() {
    return lines.map(LineWriter::written).orElse(0L);
  }

  /** Lines lost since the start: the queue was full, or the file could not be written. */
  public long dropped() {
    return lines.map(LineWriter::dropped).orElse(0L);
  }

  /** Writes what waits, for a short while. */
  @Override
  public void close() {
    lines.ifPresent(LineWriter::close);
  }
}
