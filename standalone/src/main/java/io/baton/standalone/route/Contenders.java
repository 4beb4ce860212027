package io.baton.standalone.route;

import io.baton.kvrouter.CostSettings;
import io.baton.kvrouter.RouterSettings;
import io.baton.kvrouter.RoutingPolicy;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Who can be replayed. Those named after other projects follow their published formulas and see the
 * workers' true caches and load at once, which flatters them: a real one sees events.
 */
final class Contenders {
  /** One cache of everybody's size that all workers reach at no cost, and one queue: the bound. */
  static final String ORACLE = "oracle";

  private static final double STICKY_SHARE = 0.8;
  private static final long STICKY_MOST_TOKENS = 35 * 8192;

  private final Map<String, Simulation.PolicyFactory> byName = new LinkedHashMap<>();

  Contenders() {
    production();
    blind();
    ofOthers();
  }

  List<String> names() {
    return List.copyOf(byName.keySet());
  }

  /**
   * Who has this name.
   *
   * @throws IOException if nobody has
   */
  Simulation.PolicyFactory named(String name) throws IOException {
    var factory = byName.get(name);
    if (factory == null) {
      throw new IOException("--policy: " + name + " (expected: some of " + names() + ")");
    }
    return factory;
  }

  private void production() {
    CostSettings start = CostSettings.defaults();
    router("kv", setup -> RouterSettings.defaults());
    // Told the workers' speed, and learning nothing.
    router("kv_told", setup -> kv(start.withPrefill(setup.tokensPerSecond(), false)));
    // Its stated defaults for ever.
    router("kv_unlearnt", setup -> kv(start.withPrefill(start.prefillTokensPerSecond(), false)));
    router("round_robin", setup -> RouterSettings.defaults().withPolicy(RoutingPolicy.ROUND_ROBIN));
  }

  private static RouterSettings kv(CostSettings cost) {
    return RouterSettings.defaults().withCost(cost);
  }

  private void router(String name, Function<ReplaySetup, RouterSettings> settings) {
    byName.put(
        name,
        (state, timeline, setup) ->
            new RouterPolicy(settings.apply(setup), timeline, setup, RouterPolicy.Watcher.NONE));
  }

  /** Those that know no caches. */
  private void blind() {
    byName.put(
        "random",
        (state, timeline, setup) -> {
          var random = new SplittableRandom(setup.seed());
          return request -> random.nextInt(state.size());
        });
    byName.put(
        "power_of_two",
        (state, timeline, setup) -> {
          var random = new SplittableRandom(setup.seed());
          return request -> {
            int a = random.nextInt(state.size());
            int b = random.nextInt(state.size());
            return state.worker(b).activeRequests < state.worker(a).activeRequests ? b : a;
          };
        });
    simple("least_requests", state -> request -> state.least(request, w -> w.activeRequests));
    simple(
        "least_prefill",
        state -> request -> state.least(request, w -> w.outstandingTokens + 0.001 * w.kvBlocks));
  }

  private void ofOthers() {
    simple(
        "max_overlap",
        state ->
            request ->
                state.least(request, w -> w.activeRequests - 1e6 * state.leading(w, request)));
    byName.put("dynamo", (state, timeline, setup) -> dynamo(state, setup, 1));
    byName.put("dynamo_16", (state, timeline, setup) -> dynamo(state, setup, 16));
    simple("sglang", CacheAware::new);
    byName.put(
        "llmd_blend", (state, timeline, setup) -> request -> llmdBlend(state, setup, request));
    simple("llmd_sticky", state -> request -> llmdSticky(state, request));
    // Its workers share one queue, so that it does not matter whom it names.
    byName.put(ORACLE, (state, timeline, setup) -> request -> 0);
  }

  private void simple(String name, Function<FleetState, Policy> policy) {
    byName.put(name, (state, timeline, setup) -> policy.apply(state));
  }

  private static Policy dynamo(FleetState state, ReplaySetup setup, double scale) {
    double blockTokens = setup.blockTokens();
    return request ->
        state.least(
            request,
            w ->
                scale * (w.outstandingTokens + state.uncached(w, request)) / blockTokens
                    + w.kvBlocks);
  }

  private static int llmdBlend(FleetState state, ReplaySetup setup, SimRequest request) {
    int mostQueued = 0;
    int leastQueued = Integer.MAX_VALUE;
    for (int i = 0; i < state.size(); i++) {
      mostQueued = Math.max(mostQueued, state.worker(i).waitingRequests);
      leastQueued = Math.min(leastQueued, state.worker(i).waitingRequests);
    }
    int most = mostQueued;
    double range = mostQueued - leastQueued;
    double blocks = Math.max(1, request.trace.blocks().length);
    return state.least(
        request,
        w -> {
          double queue = range == 0 ? 1 : (most - w.waitingRequests) / range;
          double free = Math.max(0, 1 - w.kvBlocks / setup.blocksPerWorker());
          return -(3 * state.leading(w, request) / blocks + 2 * queue + 2 * free);
        });
  }

  private static int llmdSticky(FleetState state, SimRequest request) {
    double enough = STICKY_SHARE * request.trace.inputTokens();
    Set<Integer> warm = new HashSet<>();
    for (int i = 0; i < state.size(); i++) {
      var worker = state.worker(i);
      long held = request.trace.inputTokens() - state.uncached(worker, request);
      if (held >= enough && worker.outstandingTokens < STICKY_MOST_TOKENS) {
        warm.add(i);
      }
    }
    return state.least(
        request,
        w ->
            warm.isEmpty() || warm.contains(w.index)
                ? w.outstandingTokens + state.uncached(w, request)
                : Double.POSITIVE_INFINITY);
  }

  /** With a tree of its own that nothing is ever taken out of, and its default thresholds. */
  private static final class CacheAware implements Policy {
    private static final int IMBALANCE = 64;
    private static final double IMBALANCE_RATIO = 1.5;
    private static final double THRESHOLD = 0.3;

    private final FleetState state;
    private final List<Set<Long>> trees;

    CacheAware(FleetState state) {
      this.state = state;
      this.trees =
          java.util.stream.IntStream.range(0, state.size())
              .<Set<Long>>mapToObj(i -> new HashSet<>())
              .toList();
    }

    @Override
    public int choose(SimRequest request) {
      int chosen = pick(request);
      for (long block : request.trace.blocks()) {
        trees.get(chosen).add(block);
      }
      return chosen;
    }

    private int pick(SimRequest request) {
      int most = 0;
      int least = Integer.MAX_VALUE;
      for (int i = 0; i < state.size(); i++) {
        most = Math.max(most, state.worker(i).activeRequests);
        least = Math.min(least, state.worker(i).activeRequests);
      }
      if (most - least > IMBALANCE && most > IMBALANCE_RATIO * least) {
        return state.least(request, w -> w.activeRequests);
      }
      int best = state.least(request, w -> -matched(w.index, request));
      boolean similar = matched(best, request) > THRESHOLD * request.trace.blocks().length;
      return similar ? best : state.least(request, w -> trees.get(w.index).size());
    }

    private int matched(int worker, SimRequest request) {
      int matched = 0;
      for (long block : request.trace.blocks()) {
        if (!trees.get(worker).contains(block)) {
          break;
        }
        matched++;
      }
      return matched;
    }
  }
}
