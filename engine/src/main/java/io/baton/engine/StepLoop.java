package io.baton.engine;

import io.baton.engine.scheduler.Scheduler;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The step thread: runs commands between steps, and steps while there is work. Commands are few: at
 * most two per request in flight and three per transfer, and both are limited where they start.
 */
final class StepLoop {
  private static final Logger LOG = LoggerFactory.getLogger(StepLoop.class);
  private static final long LONGEST_SLEEP = TimeUnit.SECONDS.toNanos(1);

  private final Scheduler scheduler;
  private final Consumer<Throwable> onFailure;
  private final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean asleep = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean ended;

  /**
   * A loop that is not running yet.
   *
   * @param onFailure called once, on the step thread, if a step fails; nothing runs afterwards
   */
  StepLoop(Scheduler scheduler, Consumer<Throwable> onFailure) {
    this.scheduler = scheduler;
    this.onFailure = onFailure;
    this.thread = Thread.ofPlatform().name("engine-step").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Runs a command before the next step. */
  void post(Runnable command) {
    commands.add(command);
    if (asleep.getAndSet(false)) {
      LockSupport.unpark(thread);
    }
  }

  /** Runs what was posted, then ends; waits for that at most so long. */
  void close(long millis) {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      LOG.warn("engine-step still runs {} ms after it was told to end", millis);
    }
  }

  /** Whether nothing that is posted will ever run. */
  boolean ended() {
    return ended;
  }

  private void run() {
    try {
      while (!closed) {
        runCommands();
        if (!scheduler.step()) {
          sleepUntilPosted();
        }
      }
      runCommands();
    } catch (RuntimeException | Error e) {
      LOG.error("a step failed, the engine ends", e);
      onFailure.accept(e);
    } finally {
      ended = true;
    }
  }

  private void runCommands() {
    for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
      command.run();
    }
  }

  private void sleepUntilPosted() {
    asleep.set(true);
    if (commands.isEmpty() && !closed) {
      LockSupport.parkNanos(this, LONGEST_SLEEP);
    }
    asleep.set(false);
  }
}
