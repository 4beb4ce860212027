package io.baton.gateway.routing;

import io.baton.config.Setting;
import io.baton.kvrouter.RouteReceipt;
import io.baton.telemetry.LineWriter;
import io.baton.telemetry.RotatedFile;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file of route receipts, one JSON line per leg, with what became of it. Written by a thread of
 * its own: a receipt for which there is no room is dropped and counted. Thread-safe.
 */
public final class ReceiptLog implements AutoCloseable {
  /** Where and how much. */
  public record Settings(
      @Setting("File of one JSON line per routed leg, without text or tokens; empty is none.")
          Optional<Path> path,
      @Setting(value = "Size at which it is rotated.", def = "100MiB", min = 1024) long maxSize,
      @Setting(value = "Old files that are kept.", def = "3", min = 0, max = 100) int oldFiles,
      @Setting(
              value = "Receipts that may wait for the disk; more are dropped and counted.",
              def = "4096",
              min = 1,
              max = 1_000_000)
          int queue) {}

  private record Entry(RouteReceipt receipt, MeasuredLeg measured, long unixNanos, String trace) {}

  /** Empty if no file is wanted. */
  private final Optional<LineWriter<Entry>> lines;

  /** Starts the writer, if a file is wanted. */
  public ReceiptLog(Settings settings) {
    lines = settings.path().map(path -> writer(settings, path));
  }

  private static LineWriter<Entry> writer(Settings settings, Path path) {
    var file =
        new RotatedFile("router.receipts.path", path, settings.maxSize(), settings.oldFiles());
    return new LineWriter<>("baton-receipts", settings.queue(), ReceiptLog::line, file::append);
  }

  private static String line(Entry entry) {
    return ReceiptJson.line(entry.receipt, entry.measured, entry.unixNanos, entry.trace).toString();
  }

  /**
   * A leg has ended. Never waits.
   *
   * @param unixNanos when it was routed
   * @param trace the request's trace id
   */
  public void add(RouteReceipt receipt, MeasuredLeg measured, long unixNanos, String trace) {
    lines.ifPresent(writer -> writer.add(new Entry(receipt, measured, unixNanos, trace)));
  }

  /** Receipts that wait for the disk. */
  public int waiting() {
    return lines.map(LineWriter::waiting).orElse(0);
  }

  /** Receipts written since the start. */
  public long written() {
    return lines.map(LineWriter::written).orElse(0L);
  }

  /** Receipts lost since the start: the queue was full, or the file could not be written. */
  public long dropped() {
    return lines.map(LineWriter::dropped).orElse(0L);
  }

  /** Writes what waits, for a short while. */
  @Override
  public void close() {
    lines.ifPresent(LineWriter::close);
  }
}
