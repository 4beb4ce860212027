package io.baton.agent;

import io.baton.bridge.Finish;
import io.baton.engine.BuiltinEngine;
import io.baton.engine.EngineStats;
import io.baton.telemetry.slices.StageLatencies;
import java.util.Locale;

/**
 * The built-in engine's figures under SGLang's names, so that dashboards made for SGLang show data.
 * Only what the engine has: no host tier without blocks of one. Thread-safe.
 */
final class SglangMetrics {
  private static final double[] FIRST_TOKEN = {
    .1, .2, .4, .6, .8, 1, 2, 4, 6, 8, 10, 20, 40, 60, 80, 100, 200, 400
  };
  private static final double[] WHOLE = {
    .1, .2, .4, .6, .8, 1, 2, 4, 6, 8, 10, 20, 40, 60, 80, 100, 200, 400, 600, 1200, 1800, 2400
  };
  private static final double[] BETWEEN = {
    .002, .004, .006, .008, .01, .015, .02, .025, .03, .035, .04, .06, .08, .1, .2, .4, .6, .8, 1,
    2, 4, 6, 8
  };

  private final BuiltinEngine engine;
  private final int blockSize;
  private final String labels;
  private final PlainHistogram firstToken = new PlainHistogram(FIRST_TOKEN);
  private final PlainHistogram whole = new PlainHistogram(WHOLE);
  private final PlainHistogram between = new PlainHistogram(BETWEEN);
  private final PlainHistogram queue = new PlainHistogram(FIRST_TOKEN);
  private final RateMeter generated = new RateMeter();

  SglangMetrics(BuiltinEngine engine) {
    this.engine = engine;
    this.blockSize = engine.card().blockSize();
    String type =
        switch (engine.card().role()) {
          case AGGREGATED -> "unified";
          case PREFILL -> "prefill";
          case DECODE -> "decode";
        };
    String model = engine.card().models().getFirst().replace("\\", "\\\\").replace("\"", "\\\"");
    this.labels =
        "model_name=\""
            + model
            + "\",engine_type=\""
            + type
            + "\",tp_rank=\"0\",pp_rank=\"0\",moe_ep_rank=\"0\"";
  }

  /**
   * A leg has ended well.
   *
   * @param seconds it took in this worker
   */
  void finished(Finish finish, double seconds) {
    whole.add(seconds);
    if (finish.queueSeconds() >= 0) {
      queue.add(finish.queueSeconds());
    }
    if (finish.decodeSeconds() >= 0) {
      firstToken.add(Math.max(0, seconds - finish.decodeSeconds()));
      int more = finish.completionTokens() - 1;
      if (more > 0) {
        between.add(finish.decodeSeconds() / more, more);
      }
    }
  }

  /** Prometheus' text. */
  String text() {
    EngineStats stats = engine.stats();
    var out = new StringBuilder(8_192);
    gauge(out, "num_running_reqs", stats.runningRequests());
    gauge(out, "num_queue_reqs", stats.waitingRequests());
    gauge(out, "gen_throughput", generated.perSecond(stats.generatedTokens()));
    long prompt = stats.prefillTokens() + stats.cachedTokens();
    gauge(out, "cache_hit_rate", prompt == 0 ? 0 : (double) stats.cachedTokens() / prompt);
    gauge(out, "token_usage", (double) stats.usedBlocks() / Math.max(1, stats.totalBlocks()));
    gauge(out, "num_used_tokens", (double) stats.usedBlocks() * blockSize);
    gauge(out, "max_total_num_tokens", (double) stats.totalBlocks() * blockSize);
    gauge(out, "page_size", blockSize);
    gauge(out, "num_pages", stats.totalBlocks());
    gauge(out, "context_len", engine.card().maxContext());
    if (stats.draftTokens() > 0) {
      gauge(out, "spec_accept_rate", (double) stats.acceptedDraftTokens() / stats.draftTokens());
    }
    handoffQueues(out);
    counter(out, "prompt_tokens_total", prompt);
    counter(out, "cached_tokens_total", stats.cachedTokens());
    counter(out, "generation_tokens_total", stats.generatedTokens());
    counter(out, "num_requests_total", stats.finishedRequests());
    counter(out, "num_retracted_requests_total", stats.retracts());
    counter(out, "num_transfer_failed_reqs_total", stats.failedHandoffs());
    cache(out, stats);
    firstToken.write(out, "sglang:time_to_first_token_seconds", labels);
    whole.write(out, "sglang:e2e_request_latency_seconds", labels);
    between.write(out, "sglang:inter_token_latency_seconds", labels);
    queue.write(out, "sglang:queue_time_seconds", labels);
    stages(out);
    return out.toString();
  }

  private void handoffQueues(StringBuilder out) {
    var queues = engine.queues();
    switch (engine.card().role()) {
      case PREFILL -> {
        gauge(out, "num_prefill_bootstrap_queue_reqs", queues.inRoom());
        gauge(out, "num_prefill_inflight_queue_reqs", queues.sending());
      }
      case DECODE -> {
        gauge(out, "num_decode_prealloc_queue_reqs", queues.waiting());
        gauge(out, "num_decode_transfer_queue_reqs", queues.receiving());
      }
      case AGGREGATED -> {
        // Nothing is handed over.
      }
    }
  }

  private void cache(StringBuilder out, EngineStats stats) {
    String radix = labels + ",cache_type=\"radix\"";
    line(out, "counter", "evicted_tokens_total", radix, (double) stats.evictedBlocks() * blockSize);
    line(
        out, "counter", "load_back_tokens_total", radix, (double) stats.loadedBlocks() * blockSize);
    if (stats.hostBlocks() > 0) {
      gauge(out, "hicache_host_used_tokens", (double) stats.hostBlocks() * blockSize);
    }
  }

  private void stages(StringBuilder out) {
    String name = "sglang:per_stage_req_latency_seconds";
    out.append("# TYPE ").append(name).append(" histogram\n");
    engine.stageLatencies().all().forEach((stage, histogram) -> stage(out, name, stage, histogram));
  }

  private void stage(
      StringBuilder out, String name, String stage, StageLatencies.Histogram histogram) {
    String of = labels + ",stage=\"" + stage + "\"";
    PlainHistogram.write(
        out, name, of, StageLatencies.BOUNDS, histogram::cumulative, histogram.seconds());
  }

  private void gauge(StringBuilder out, String name, double value) {
    line(out, "gauge", name, labels, value);
  }

  private void counter(StringBuilder out, String name, long value) {
    line(out, "counter", name, labels, (double) value);
  }

  private static void line(StringBuilder out, String type, String name, String of, double value) {
    out.append("# TYPE sglang:").append(name).append(' ').append(type).append('\n');
    out.append(String.format(Locale.ROOT, "sglang:%s{%s} %s%n", name, of, value));
  }
}
