package io.baton.standalone.route;

import io.baton.kvrouter.KvRouter;
import io.baton.kvrouter.NoWorkerException;
import io.baton.kvrouter.RouteReceipt;
import io.baton.kvrouter.RouteRequest;
import io.baton.kvrouter.RouterSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code baton route diff FILE}: recorded receipts or a trace under two configurations. Each
 * decision of the first is asked of the second in the same state of the fleet; then the second runs
 * on its own too.
 */
@Command(
    name = "diff",
    description = "Says what other settings would have changed.",
    mixinStandardHelpOptions = true)
final class DiffCommand implements Callable<Integer> {
  @Mixin private final Workload workload = new Workload();

  @Option(
      names = "--a",
      split = ",",
      paramLabel = "KEY=VALUE",
      description = "Settings that differ from the defaults, such as policy=least_loaded.")
  private List<String> first = List.of();

  @Option(names = "--b", split = ",", paramLabel = "KEY=VALUE", description = "The other settings.")
  private List<String> second = List.of();

  @Option(names = "--examples", description = "Differing decisions to print (${DEFAULT-VALUE}).")
  private int examples = 5;

  @Override
  public Integer call() throws IOException {
    RouterSettings a = SettingsText.parse(first);
    RouterSettings b = SettingsText.parse(second);
    var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    List<TraceRequest> trace = workload.trace();
    ReplaySetup setup = workload.setup(trace);
    out.println(workload.describe(trace, setup));
    var differences = new Differences(a, b, out);
    ReplayResult ofA = run("a", trace, setup, (s, t, u) -> new RouterPolicy(a, t, u, differences));
    ReplayResult ofB =
        run("b", trace, setup, (s, t, u) -> new RouterPolicy(b, t, u, RouterPolicy.Watcher.NONE));
    differences.summary(trace.size());
    var table = new ReplayTable(out);
    table.row(ofA);
    table.row(ofB);
    return 0;
  }

  private static ReplayResult run(
      String name, List<TraceRequest> trace, ReplaySetup setup, Simulation.PolicyFactory policy) {
    return new Simulation(setup, ReplayModel.SIMPLE, policy).run(name, trace);
  }

  /** Asks both in the same state. */
  private final class Differences implements RouterPolicy.Watcher {
    private final RouterSettings a;
    private final RouterSettings b;
    private final PrintWriter out;
    private int other;
    private long blocksMore;
    private long blocksLess;

    Differences(RouterSettings a, RouterSettings b, PrintWriter out) {
      this.a = a;
      this.b = b;
      this.out = out;
    }

    @Override
    public void deciding(KvRouter router, RouteRequest ask, SimRequest request)
        throws NoWorkerException {
      RouteReceipt byA = router.explain(ask, a);
      RouteReceipt byB = router.explain(ask, b);
      if (byA.chosen().equals(byB.chosen())) {
        return;
      }
      int more = byB.overlapBlocks() - byA.overlapBlocks();
      blocksMore += Math.max(0, more);
      blocksLess += Math.max(0, -more);
      if (other++ < examples) {
        out.printf(
            Locale.ROOT,
            "request %s: a %s (%s); b %s (%s)%n",
            ask.requestId(),
            byA.chosen().workerId(),
            byA.reason(),
            byB.chosen().workerId(),
            byB.reason());
      }
    }

    void summary(int decisions) {
      out.printf(
          Locale.ROOT,
          "in the states that a led to, b would have decided %d of %d requests (%.1f %%) otherwise:"
              + " %d blocks more found cached, %d fewer%n",
          other,
          decisions,
          100.0 * other / decisions,
          blocksMore,
          blocksLess);
    }
  }
}
