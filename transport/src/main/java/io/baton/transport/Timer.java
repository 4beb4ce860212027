package io.baton.transport;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread for all timed work of a transport end. Work that throws is logged and goes on. */
final class Timer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Timer.class);

  private final ScheduledThreadPoolExecutor executor;

  Timer(String threadName) {
    executor =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name(threadName).daemon().factory());
    executor.setRemoveOnCancelPolicy(true);
  }

  /** Runs work now and then, the first time at once. */
  void every(Duration interval, Runnable work) {
    var _ =
        executor.scheduleWithFixedDelay(
            () -> guarded(work), 0, interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Runs work once. */
  void after(Duration delay, Runnable work) {
    try {
      var _ = executor.schedule(() -> guarded(work), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("closed already", e);
    }
  }

  private static void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      // The executor would never run it again.
      LOG.error("timed work failed", e);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
