package io.baton.standalone.route;

import io.baton.standalone.route.FifoWorker.Shelf;
import java.util.function.IntFunction;

/** How workers behave. */
enum ReplayModel {
  /** See {@link FifoWorker}. */
  SIMPLE {
    @Override
    SimWorker[] workers(
        Timeline timeline, IntFunction<SimWorker.Listener> ears, ReplaySetup setup) {
      return fifo(timeline, ears, setup, false);
    }
  },
  /** See {@link BatchingWorker}. */
  BATCHING {
    @Override
    SimWorker[] workers(
        Timeline timeline, IntFunction<SimWorker.Listener> ears, ReplaySetup setup) {
      SimWorker[] workers = new SimWorker[setup.workers()];
      for (int i = 0; i < workers.length; i++) {
        workers[i] =
            new BatchingWorker(
                timeline, ears.apply(i), setup.tokensPerSecond(), setup.blocksPerWorker());
      }
      return workers;
    }
  },
  /** Like the simple one with one cache and one queue for all. */
  POOLED {
    @Override
    SimWorker[] workers(
        Timeline timeline, IntFunction<SimWorker.Listener> ears, ReplaySetup setup) {
      return fifo(timeline, ears, setup, true);
    }
  };

  abstract SimWorker[] workers(
      Timeline timeline, IntFunction<SimWorker.Listener> ears, ReplaySetup setup);

  private static SimWorker[] fifo(
      Timeline timeline, IntFunction<SimWorker.Listener> ears, ReplaySetup setup, boolean pooled) {
    var pool = new Shelf(setup.blocksPerWorker() * setup.workers());
    SimWorker[] workers = new SimWorker[setup.workers()];
    for (int i = 0; i < workers.length; i++) {
      Shelf shelf = pooled ? pool : new Shelf(setup.blocksPerWorker());
      workers[i] = new FifoWorker(timeline, ears.apply(i), setup.tokensPerSecond(), shelf, i);
    }
    return workers;
  }
}
