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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code baton route replay FILE}. */
@Command(
    name = "replay",
    description =
        "Runs a trace in Mooncake's format through policies, in virtual time, and compares them.",
    mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "Trace: one JSON object a line.")
  private Path file = Path.of("trace.jsonl");

  @Option(names = "--workers", description = "Simulated workers (default ${DEFAULT-VALUE}).")
  private int workers = 8;

  @Option(
      names = "--blocks",
      description = "Blocks of each worker's prefix cache (default ${DEFAULT-VALUE}).")
  private int blocks = 3000;

  @Option(
      names = "--block-tokens",
      description = "Tokens per block of the trace (default ${DEFAULT-VALUE}).")
  private int blockTokens = 512;

  @Option(
      names = "--utilization",
      description =
          "Share of its time that a worker would prefill if there were no cache; sets the speed"
              + " (default ${DEFAULT-VALUE}).")
  private double utilization = 0.8;

  @Option(
      names = "--model",
      description = "simple or batching: how workers behave (default ${DEFAULT-VALUE}).")
  private ReplayModel model = ReplayModel.SIMPLE;

  @Option(names = "--policy", split = ",", description = "Policies to compare; default: all.")
  private List<String> policies = List.of();

  @Option(names = "--seed", description = "Of all that is drawn (default ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--spread",
      description = "Spread the requests of one time stamp evenly until the next stamp.")
  private boolean spread;

  @Option(names = "--limit", description = "Only the first requests of the trace; 0: all of them.")
  private int limit;

  @Option(names = "--repeat", description = "The trace so many times, one after the other.")
  private int repeat = 1;

  @Option(names = "--json", description = "File for all figures.")
  private @Nullable Path json;

  @Option(names = "--plot", description = "HTML file for the plots.")
  private @Nullable Path plot;

  @Override
  public Integer call() throws IOException {
    var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    List<TraceRequest> trace = trace();
    double speed = ReplaySetup.speedFor(utilization, workers, trace);
    var setup = new ReplaySetup(workers, blocks, blockTokens, speed, seed);
    out.printf(
        Locale.ROOT,
        "%s: %d requests, %d workers x %d blocks of %d tokens, model %s, utilization %.2f"
            + " (%.0f prompt tokens/s each), arrivals %s, seed %d%n",
        file.getFileName(),
        trace.size(),
        workers,
        blocks,
        blockTokens,
        model.name().toLowerCase(Locale.ROOT),
        utilization,
        speed,
        spread ? "spread" : "as stamped",
        seed);
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
    var report = new ReplayReport(file, setup, model, utilization, spread, results);
    if (json != null) {
      report.writeJson(json);
    }
    if (plot != null) {
      report.writeHtml(plot);
    }
    return 0;
  }

  private List<TraceRequest> trace() throws IOException {
    requirePositive("--workers", workers);
    requirePositive("--blocks", blocks);
    requirePositive("--block-tokens", blockTokens);
    requirePositive("--utilization", utilization);
    requirePositive("--repeat", repeat);
    List<TraceRequest> trace = TraceFile.read(file, blockTokens);
    if (limit > 0 && limit < trace.size()) {
      trace = trace.subList(0, limit);
    }
    trace = spread ? TraceFile.spread(trace) : trace;
    return TraceFile.repeat(trace, repeat);
  }

  private static void requirePositive(String name, double value) throws IOException {
    if (!(value > 0)) {
      throw new IOException(name + ": " + value + " (expected: > 0)");
    }
  }
}
