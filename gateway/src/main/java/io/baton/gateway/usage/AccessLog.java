package io.baton.gateway.usage;

import io.baton.config.Setting;
import io.baton.telemetry.RotatedFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JSON line per request, written by a thread of its own. Whoever tells of a request never
 * waits: if the disk does not keep up and the queue is full, the line is dropped and counted.
 */
public final class AccessLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);

  /** The same among the process's own log lines, for those who read those by trace id. */
  private static final Logger REQUESTS = LoggerFactory.getLogger("io.baton.requests");

  private static final Path STANDARD_OUTPUT = Path.of("-");
  private static final int MOST_AT_ONCE = 1_000;
  private static final long LOOK_MILLIS = 100;
  private static final long STOP_MILLIS = 2_000;

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

  private final boolean wanted;
  private final Predicate<byte[]> sink;
  private final BlockingQueue<AccessRecord> queue;
  private final LongAdder written = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final Thread writer;
  private volatile boolean open = true;

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
    this.wanted = wanted;
    this.sink = sink;
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.writer = Thread.ofPlatform().daemon().name("baton-access-log").unstarted(this::write);
    if (wanted) {
      writer.start();
    }
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
    if (wanted && !queue.offer(request)) {
      dropped.increment();
    }
  }

  private void write() {
    List<AccessRecord> batch = new ArrayList<>(MOST_AT_ONCE);
    try {
      while (open || !queue.isEmpty()) {
        AccessRecord first = queue.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
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

  private void write(List<AccessRecord> batch) {
    try {
      var lines = new ByteArrayOutputStream(512 * batch.size());
      for (AccessRecord request : batch) {
        lines.writeBytes(request.json().getBytes(StandardCharsets.UTF_8));
        lines.write('\n');
        if (REQUESTS.isInfoEnabled()) {
          log(request);
        }
      }
      (sink.test(lines.toByteArray()) ? written : dropped).add(batch.size());
    } catch (RuntimeException e) {
      LOG.error("{} lines of the access log are lost", batch.size(), e);
      dropped.add(batch.size());
    }
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
    return queue.size();
  }

  /** Lines written since the start. */
  public long written() {
    return written.sum();
  }

  /** Lines lost since the start: the queue was full, or the file could not be written. */
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
