package io.baton.standalone.route;

import io.baton.standalone.route.Timeline.Order;
import java.util.ArrayList;
import java.util.List;

/** One run: a trace, a policy, workers. */
final class Simulation {
  /** Makes a policy for a run. */
  interface PolicyFactory {
    Policy create(FleetState state, Timeline timeline, ReplaySetup setup);
  }

  private final ReplaySetup setup;
  private final Timeline timeline = new Timeline();
  private final FleetState state;
  private final SimWorker[] workers;
  private final Policy policy;
  private final List<SimRequest> requests = new ArrayList<>();
  private long decisionNanos;

  Simulation(ReplaySetup setup, ReplayModel model, PolicyFactory policies) {
    this.setup = setup;
    this.workers = model.workers(timeline, Ear::new, setup);
    this.state = new FleetState(workers);
    this.policy = policies.create(state, timeline, setup);
  }

  ReplayResult run(String name, List<TraceRequest> trace) {
    for (TraceRequest one : trace) {
      timeline.at(one.arrivalNanos(), Order.BEGIN, () -> arrive(one));
    }
    timeline.run();
    return ReplayResult.of(
        name, requests, setup.workers(), decisionNanos / 1e3 / trace.size(), policy.beliefs());
  }

  private void arrive(TraceRequest one) {
    var request = new SimRequest(one);
    requests.add(request);
    long before = System.nanoTime();
    request.worker = policy.choose(request);
    decisionNanos += System.nanoTime() - before;
    state.routed(request, state.uncached(state.worker(request.worker), request));
    workers[request.worker].submit(request);
  }

  /** Passes on what one worker says. */
  private final class Ear implements SimWorker.Listener {
    private final int worker;
    private final List<Long> evicted = new ArrayList<>();

    Ear(int worker) {
      this.worker = worker;
    }

    @Override
    public void stored(TraceRequest request, int fromBlock) {
      policy.stored(worker, request, fromBlock);
    }

    @Override
    public void evicted(long block) {
      evicted.add(block);
    }

    @Override
    public void firstToken(SimRequest request) {
      if (!evicted.isEmpty()) {
        policy.evicted(worker, evicted);
        evicted.clear();
      }
      state.firstToken(request);
      policy.firstToken(request);
    }

    @Override
    public void finished(SimRequest request) {
      state.finished(request);
      policy.finished(request);
    }
  }
}
