package io.baton.telemetry;

import io.baton.telemetry.slices.RequestTrace;
import io.baton.telemetry.slices.SliceExporter;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Turns an engine's finished requests into spans, on a thread of its own: {@code Bootstrap Room} >
 * {@code Req} > threads > slices, each top-level slice linked to the one before it. When the queue
 * is full the request's engine spans are dropped and counted; the engine never waits.
 */
public final class SliceSpans implements SliceExporter, AutoCloseable {
  private static final int QUEUE = 8192;

  private final Tracing tracing;
  private final BlockingQueue<RequestTrace> queue = new ArrayBlockingQueue<>(QUEUE);
  private final LongAdder dropped = new LongAdder();
  private final Thread thread;
  private volatile boolean closing;

  /**
   * Starts the thread.
   *
   * @param tracing under the engine's own service name
   */
  public SliceSpans(Tracing tracing) {
    this.tracing = tracing;
    this.thread = Thread.ofPlatform().name("baton-slices").daemon().unstarted(this::run);
    if (tracing.enabled()) {
      thread.start();
    }
  }

  @Override
  public boolean enabled() {
    return tracing.enabled();
  }

  @Override
  public int export(RequestTrace finished) {
    if (!queue.offer(finished)) {
      dropped.increment();
      return 0;
    }
    return RequestSpans.count(finished);
  }

  /** Requests whose engine spans were lost since the queue was full. */
  public long dropped() {
    return dropped.sum();
  }

  /** Number of requests whose spans are not made yet. */
  public int queued() {
    return queue.size();
  }

  private void run() {
    try {
      while (!closing || !queue.isEmpty()) {
        RequestTrace request = queue.poll(100, TimeUnit.MILLISECONDS);
        if (request != null) {
          new RequestSpans(tracing, request).build();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Builds what is queued and stops. */
  @Override
  public void close() {
    closing = true;
    if (thread.isAlive()) {
      try {
        thread.join(5_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
