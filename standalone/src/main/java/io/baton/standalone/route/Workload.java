package io.baton.standalone.route;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is replayed on what: options that the commands have in common. */
final class Workload {
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

  Path file() {
    return file;
  }

  double utilization() {
    return utilization;
  }

  boolean spread() {
    return spread;
  }

  /** The requests to replay. */
  List<TraceRequest> trace() throws IOException {
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

  /** The workers for these requests. */
  ReplaySetup setup(List<TraceRequest> trace) {
    double speed = ReplaySetup.speedFor(utilization, workers, trace);
    return new ReplaySetup(workers, blocks, blockTokens, speed, seed);
  }

  /** All of it in a line. */
  String describe(List<TraceRequest> trace, ReplaySetup setup) {
    return String.format(
        Locale.ROOT,
        "%s: %d requests, %d workers x %d blocks of %d tokens, utilization %.2f"
            + " (%.0f prompt tokens/s each), arrivals %s, seed %d",
        file.getFileName(),
        trace.size(),
        workers,
        blocks,
        blockTokens,
        utilization,
        setup.tokensPerSecond(),
        spread ? "spread" : "as stamped",
        seed);
  }
}
