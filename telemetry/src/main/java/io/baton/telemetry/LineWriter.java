package io.baton.telemetry;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines about things that have happened, written by a thread of its own. Whoever tells of one never
 * waits: if the disk does not keep up and the queue is full, the line is dropped and counted.
 * Thread-safe.
 */
public final class LineWriter<T> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LineWriter.class);
  private static final int MOST_AT_ONCE = 256;
  private static final int LINE_BYTES = 512;
  private static final long LOOK_MILLIS = 100;
  private static final long STOP_MILLIS = 2_000;

  private final String name;
  private final Function<T, String> line;
  private final Predicate<byte[]> sink;
  private final BlockingQueue<T> queue;
  private final LongAdder written = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final Thread thread;
  private volatile boolean open = true;

  /**
   * Starts the thread.
   *
   * @param name of the thread
   * @param capacity how many may wait
   * @param line makes the line of one, on that thread
   * @param sink takes whole lines; says whether they were written
   */
  public LineWriter(String name, int capacity, Function<T, String> line, Predicate<byte[]> sink) {
    this.name = name;
    this.line = line;
    this.sink = sink;
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.thread = Thread.ofPlatform().daemon().name(name).start(this::write);
  }

  /** Never waits. */
  public void add(T told) {
    if (!queue.offer(told)) {
      dropped.increment();
    }
  }

  private void write() {
    List<T> batch = new ArrayList<>(MOST_AT_ONCE);
    try {
      while (open || !queue.isEmpty()) {
        T first = queue.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
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

  private void write(List<T> batch) {
    try {
      var lines = new ByteArrayOutputStream(LINE_BYTES * batch.size());
      for (T told : batch) {
        lines.writeBytes(line.apply(told).getBytes(StandardCharsets.UTF_8));
        lines.write('\n');
      }
      (sink.test(lines.toByteArray()) ? written : dropped).add(batch.size());
    } catch (RuntimeException e) {
      LOG.error("{}: {} lines are lost", name, batch.size(), e);
      dropped.add(batch.size());
    }
  }

  /** Lines that wait for the disk. */
  public int waiting() {
    return queue.size();
  }

  /** Lines written since the start. */
  public long written() {
    return written.sum();
  }

  /** Lines lost since the start: the queue was full, or the sink did not take them. */
  public long dropped() {
    return dropped.sum();
  }

  /** Writes what waits, for a short while. */
  @Override
  public void close() {
    open = false;
    try {
      thread.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
