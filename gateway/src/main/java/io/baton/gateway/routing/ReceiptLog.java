package io.baton.gateway.routing;

import io.baton.config.Setting;
import io.baton.kvrouter.RouteReceipt;
import io.baton.telemetry.RotatedFile;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of route receipts, one JSON line per leg, with what became of it. Written by a thread of
 * its own: a receipt for which there is no room is dropped and counted. Thread-safe.
 */
public final class ReceiptLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReceiptLog.class);
  private static final int MOST_AT_ONCE = 256;
  private static final long LOOK_MILLIS = 100;
  private static final long STOP_MILLIS = 2_000;

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

  private final Optional<RotatedFile> file;
  private final BlockingQueue<Entry> queue;
  private final LongAdder written = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final Thread writer;
  private volatile boolean open = true;

  /** Starts the writer, if a file is wanted. */
  public ReceiptLog(Settings settings) {
    this.file =
        settings
            .path()
            .map(path ->
                new RotatedFile(
                    "router.receipts.path", path, settings.maxSize(), settings.oldFiles()));
    this.queue = new ArrayBlockingQueue<>(settings.queue());
    this.writer = Thread.ofPlatform().daemon().name("baton-receipts").unstarted(this::write);
    if (file.isPresent()) {
      writer.start();
    }
  }

  /**
   * A leg has ended. Never waits.
   *
   * @param unixNanos when it was routed
   * @param trace the request's trace id
   */
  public void add(RouteReceipt receipt, MeasuredLeg measured, long unixNanos, String trace) {
    if (file.isPresent() && !queue.offer(new Entry(receipt, measured, unixNanos, trace))) {
      dropped.increment();
    }
  }

  private void write() {
    List<Entry> batch = new ArrayList<>(MOST_AT_ONCE);
    try {
      while (open || !queue.isEmpty()) {
        Entry first = queue.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, MOST_AT_ONCE - 1);
          write(batch);
          batch.clear();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(List<Entry> batch) {
    try {
      var lines = new ByteArrayOutputStream(4096 * batch.size());
      for (Entry entry : batch) {
        lines.writeBytes(
            ReceiptJson.line(entry.receipt, entry.measured, entry.unixNanos, entry.trace)
                .toString()
                .getBytes(StandardCharsets.UTF_8));
        lines.write('\n');
      }
      (file.orElseThrow().append(lines.toByteArray()) ? written : dropped).add(batch.size());
    } catch (RuntimeException e) {
      LOG.error("{} receipts are lost", batch.size(), e);
      dropped.add(batch.size());
    }
  }

  /** Receipts that wait for the disk. */
  public int waiting() {
    return queue.size();
  }

  /** Receipts written since the start. */
  public long written() {
    return written.sum();
  }

  /** Receipts lost since the start: the queue was full, or the file could not be written. */
  public long dropped() {
    return dropped.sum();
  }

  /** Writes what waits, for a short while. */
  @Override
  public void close() {
    open = false;
    try {
      writer.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
