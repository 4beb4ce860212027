package io.baton.bridge.server;

import io.baton.bridge.EngineLoad;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a server again and again, on a thread of its own: its load, and whether it is there at
 * all. While a server has not been heard of for some looks it counts as unhealthy.
 */
public final class ServerWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerWatch.class);

  /** One missed look is a busy server. */
  private static final int MISSES = 3;

  private final Dialect dialect;
  private final ControlClient control;
  private final ServerFacts facts;
  private final IntSupplier inFlight;
  private final Runnable whenBack;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("baton-engine-watch").factory());
  private volatile List<EngineLoad> last = List.of();
  private final AtomicInteger misses = new AtomicInteger();

  /**
   * Begins to look.
   *
   * @param inFlight requests that this process has with the server, for servers that do not say
   * @param whenBack called when the server is there again after it was not: it may be a new one
   */
  public ServerWatch(
      Dialect dialect,
      ControlClient control,
      ServerFacts facts,
      ServerOptions options,
      IntSupplier inFlight,
      Runnable whenBack) {
    this.dialect = dialect;
    this.control = control;
    this.facts = facts;
    this.inFlight = inFlight;
    this.whenBack = whenBack;
    long millis = options.loadInterval().toMillis();
    var _ = timer.scheduleWithFixedDelay(this::look, 0, millis, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      List<EngineLoad> seen = dialect.load(control, facts);
      if (seen.isEmpty() && control.status("/v1/models") < 0) {
        throw new IOException("no answer");
      }
      last = seen;
      if (misses.getAndSet(0) >= MISSES) {
        LOG.info("server {} is back", control.server().url());
        whenBack.run();
      }
    } catch (IOException e) {
      if (misses.incrementAndGet() == MISSES) {
        LOG.warn("server {} does not answer: {}", control.server().url(), e.getMessage());
      }
    } catch (RuntimeException e) {
      LOG.error("looking at server {} failed", control.server().url(), e);
    }
  }

  /** As the server last said, or what this process knows itself. */
  public List<EngineLoad> load() {
    List<EngineLoad> seen = last;
    return seen.isEmpty() ? List.of(new EngineLoad(0, inFlight.getAsInt(), 0, 0, 0, 0)) : seen;
  }

  /** Whether the server has been heard of lately. */
  public boolean healthy() {
    return misses.get() < MISSES;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
