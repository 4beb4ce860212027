package io.baton.agent;

import io.baton.agent.FleetSettings.EngineAt;
import io.baton.transport.BrokerUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker of one server among many. Waits for the server as long as it takes, starts anew if its
 * engine is lost, and ends when the server is not ours any more or an operator has it end.
 */
final class FleetMember implements WorkerProcess.Host {
  private static final Logger LOG = LoggerFactory.getLogger(FleetMember.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final WorkerSettings settings;
  private final EngineAt engine;
  private final Map<String, String> environment;
  private final Thread thread;
  private volatile @Nullable WorkerProcess worker;

  /** Wakes the thread: something below has changed. */
  private final Semaphore news = new Semaphore(0);

  private volatile boolean leaving;
  private volatile boolean lost;
  private boolean starting;

  private FleetMember(WorkerSettings settings, EngineAt engine, Map<String, String> environment) {
    this.settings = settings;
    this.engine = engine;
    this.environment = environment;
    this.thread = Thread.ofPlatform().name("baton-member-" + engine.name()).unstarted(this::run);
  }

  static FleetMember start(
      WorkerSettings settings, EngineAt engine, Map<String, String> environment) {
    var member = new FleetMember(settings, engine, environment);
    member.thread.start();
    return member;
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    while (begins()) {
      try (WorkerProcess running = WorkerProcess.start(settings, environment, this)) {
        worker = running;
        started();
        pause = FIRST_PAUSE;
        awaitReason();
      } catch (IOException | BrokerUnavailableException e) {
        LOG.warn("{}: {}; tried again in {}", engine.url(), e.getMessage(), pause);
      } catch (RuntimeException e) {
        LOG.error("{}: its worker failed; tried again in {}", engine.url(), pause, e);
      } finally {
        worker = null;
        started();
      }
      pauseUnlessLeaving(pause);
      pause = longer(pause);
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  private synchronized boolean begins() {
    lost = false;
    starting = !leaving;
    return starting;
  }

  /** Interrupts are for the wait for a server only; draining must not be hurried by one. */
  private synchronized void started() {
    starting = false;
    var _ = Thread.interrupted();
  }

  private void awaitReason() {
    while (!leaving && !lost) {
      news.acquireUninterruptibly();
    }
  }

  private void pauseUnlessLeaving(Duration pause) {
    try {
      if (!leaving) {
        var _ = news.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      leaving = true;
    }
  }

  /** Drains and ends; returns at once. */
  synchronized void leave() {
    leaving = true;
    news.release();
    if (starting) {
      thread.interrupt();
    }
  }

  void awaitEnd() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void drain() {
    LOG.info("{}: drained by an operator; it stays away until it is listed anew", engine.url());
    leave();
  }

  @Override
  public void engineLost(String reason) {
    lost = true;
    news.release();
  }

  EngineAt engine() {
    return engine;
  }

  /** The worker's name. */
  String id() {
    return settings.id();
  }

  /** The worker while there is one. */
  Optional<WorkerProcess> worker() {
    return Optional.ofNullable(worker);
  }
}
