package io.baton.standalone.route;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Results of one replay as files. */
final class ReplayReport {
  private final Path trace;
  private final ReplaySetup setup;
  private final ReplayModel model;
  private final double utilization;
  private final boolean spread;
  private final List<ReplayResult> results;

  ReplayReport(
      Path trace,
      ReplaySetup setup,
      ReplayModel model,
      double utilization,
      boolean spread,
      List<ReplayResult> results) {
    this.trace = trace;
    this.setup = setup;
    this.model = model;
    this.utilization = utilization;
    this.spread = spread;
    this.results = List.copyOf(results);
  }

  /** All figures; real times are left out, so that equal seeds give equal files. */
  void writeJson(Path file) throws IOException {
    var json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    root.put("trace", String.valueOf(trace.getFileName()))
        .put("model", model.name().toLowerCase(Locale.ROOT))
        .put("utilization", utilization)
        .put("workers", setup.workers())
        .put("blocks_per_worker", setup.blocksPerWorker())
        .put("block_tokens", setup.blockTokens())
        .put("prefill_tokens_per_second", setup.tokensPerSecond())
        .put("arrivals_spread", spread)
        .put("seed", setup.seed());
    var list = root.putArray("policies");
    for (ReplayResult r : results) {
      ObjectNode one =
          list.addObject()
              .put("policy", r.policy())
              .put("requests", r.requests())
              .put("hit_rate", r.hitRate())
              .put("within_2_s", r.withinTwoSeconds())
              .put("busiest_over_mean", r.imbalance())
              .put("output_tokens_per_second", r.outputTokensPerSecond())
              .put("learnt", r.beliefs());
      put(one.putObject("ttft_seconds"), r.ttft());
      put(one.putObject("itl_seconds"), r.itl());
    }
    Files.writeString(file, json.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
  }

  private static void put(ObjectNode to, ReplayResult.Spread spread) {
    to.put("mean", spread.mean())
        .put("p50", spread.p50())
        .put("p90", spread.p90())
        .put("p99", spread.p99());
    var curve = to.putArray("percentiles_0_to_100");
    for (double value : spread.curve()) {
      curve.add(value);
    }
  }

  void writeHtml(Path file) throws IOException {
    Files.writeString(file, new ReplayPlot(title(), results).html());
  }

  private String title() {
    return String.format(
        Locale.ROOT,
        "%s: %d workers x %d blocks of %d tokens, %s, utilization %.2f",
        trace.getFileName(),
        setup.workers(),
        setup.blocksPerWorker(),
        setup.blockTokens(),
        model.name().toLowerCase(Locale.ROOT),
        utilization);
  }
}
