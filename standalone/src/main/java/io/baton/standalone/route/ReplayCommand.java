package io.baton.standalone.route;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code baton route replay FILE}. */
@Command(
    name = "replay",
    description =
        "Runs a trace in Mooncake's format through policies, in virtual time, and compares them.",
    mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
  @Mixin private final Workload workload = new Workload();

  @Option(
      names = "--model",
      description = "simple or batching: how workers behave (default ${DEFAULT-VALUE}).")
  private ReplayModel model = ReplayModel.SIMPLE;

  @Option(names = "--policy", split = ",", description = "Policies to compare; default: all.")
  private List<String> policies = List.of();

  @Option(names = "--json", description = "File for all figures.")
  private @Nullable Path json;

  @Option(names = "--plot", description = "HTML file for the plots.")
  private @Nullable Path plot;

  @Override
  public Integer call() throws IOException {
    var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    List<TraceRequest> trace = workload.trace();
    ReplaySetup setup = workload.setup(trace);
    out.println(
        workload.describe(trace, setup) + ", model " + model.name().toLowerCase(Locale.ROOT));
    var table = new ReplayTable(out);
    List<ReplayResult> results = new ArrayList<>();
    var contenders = new Contenders();
    for (String name : policies.isEmpty() ? contenders.names() : policies) {
      ReplayModel on = name.equals(Contenders.ORACLE) ? ReplayModel.POOLED : model;
      var result = new Simulation(setup, on, contenders.named(name)).run(name, trace);
      results.add(result);
      table.row(result);
    }
    table.beliefs(results);
    var report =
        new ReplayReport(
            workload.file(), setup, model, workload.utilization(), workload.spread(), results);
    if (json != null) {
      report.writeJson(json);
    }
    if (plot != null) {
      report.writeHtml(plot);
    }
    return 0;
  }
}
