package io.baton.kvrouter;

import io.baton.kvblocks.KvEvent;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Chooses a worker rank for each leg, and keeps what it needs to know for that: who exists, what
 * their prefix caches hold, how busy they are.
 *
 * <p>Every method may be called from any thread and none waits for I/O. Events of one worker rank
 * must come in order, from one thread at a time; different ranks may come at once.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class KvRouter {
  /**
   * An empty router.
   *
   * @param nanoClock monotonic nanoseconds, for steps and for the lifetime of predictions
   * @param random for ties and temperature; used by one thread at a time
   */
  public KvRouter(RouterSettings settings, LongSupplier nanoClock, RandomGenerator random) {}

  /** A worker rank is there and may be chosen from now on. Joining twice replaces the profile. */
  public void workerJoined(WorkerRank worker, WorkerProfile profile) {
    throw new UnsupportedOperationException();
  }

  /** A worker rank is gone; its blocks are forgotten. Unknown ranks are no error. */
  public void workerLeft(WorkerRank worker) {
    throw new UnsupportedOperationException();
  }

  /** Whether a rank may be chosen: false while it is suspect, draining or cordoned. */
  public void workerRoutable(WorkerRank worker, boolean routable) {
    throw new UnsupportedOperationException();
  }

  /** What a rank's heartbeat says about its load. */
  public void reported(WorkerRank worker, ReportedLoad load) {
    throw new UnsupportedOperationException();
  }

  /** One change of a rank's prefix cache. */
  public void apply(WorkerRank worker, KvEvent event) {
    throw new UnsupportedOperationException();
  }

  /** All that is known of a rank's cache is void: after a gap, before a snapshot. */
  public void forgetBlocks(WorkerRank worker) {
    throw new UnsupportedOperationException();
  }

  /**
   * Chooses a worker rank and reserves its load, in one step.
   *
   * @throws NoWorkerException if no rank of the phase can be chosen; nothing is reserved then
   */
  public RouteReceipt route(RouteRequest request) throws NoWorkerException {
    throw new UnsupportedOperationException();
  }

  /** The figures of this moment. */
  public RouterStats stats() {
    throw new UnsupportedOperationException();
  }
}
