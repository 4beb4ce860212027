package io.baton.agent;

import io.baton.bridge.Engine;
import io.baton.engine.BuiltinEngine;
import io.baton.engine.EngineStats;
import io.baton.telemetry.MetricNames;
import io.baton.telemetry.Metrics;
import java.util.function.ToLongFunction;

/** Shows what an engine says of itself. */
final class EngineMetrics {
  private EngineMetrics() {}

  static void show(Engine engine, Metrics metrics) {
    for (int rank = 0; rank < engine.card().dpSize(); rank++) {
      load(engine, rank, metrics);
    }
    engine
        .counters()
        .forEach((name, value) -> metrics.count(MetricNames.ENGINE + name, value::getAsLong));
    if (engine instanceof BuiltinEngine builtin) {
      counts(builtin, metrics);
    }
  }

  private static void load(Engine engine, int rank, Metrics metrics) {
    String label = Integer.toString(rank);
    String prefix = MetricNames.ENGINE;
    metrics.gauge(
        prefix + "running.requests",
        () -> engine.load().get(rank).runningRequests(),
        "dp_rank",
        label);
    metrics.gauge(
        prefix + "waiting.requests",
        () -> engine.load().get(rank).waitingRequests(),
        "dp_rank",
        label);
    metrics.gauge(
        prefix + "used.blocks", () -> engine.load().get(rank).usedBlocks(), "dp_rank", label);
    metrics.gauge(
        prefix + "total.blocks", () -> engine.load().get(rank).totalBlocks(), "dp_rank", label);
  }

  private static void counts(BuiltinEngine engine, Metrics metrics) {
    count(engine, metrics, "steps", EngineStats::steps);
    count(engine, metrics, "prefill.tokens", EngineStats::prefillTokens);
    count(engine, metrics, "decode.tokens", EngineStats::decodeTokens);
    count(engine, metrics, "cached.tokens", EngineStats::cachedTokens);
    count(engine, metrics, "generated.tokens", EngineStats::generatedTokens);
    count(engine, metrics, "accepted.requests", EngineStats::acceptedRequests);
    count(engine, metrics, "finished.requests", EngineStats::finishedRequests);
    count(engine, metrics, "retracts", EngineStats::retracts);
    count(engine, metrics, "sent.blocks", EngineStats::sentBlocks);
    count(engine, metrics, "sent.bytes", EngineStats::sentBytes);
    count(engine, metrics, "received.blocks", EngineStats::receivedBlocks);
    count(engine, metrics, "received.bytes", EngineStats::receivedBytes);
    count(engine, metrics, "failed.handoffs", EngineStats::failedHandoffs);
    count(engine, metrics, "draft.tokens", EngineStats::draftTokens);
    count(engine, metrics, "accepted.draft.tokens", EngineStats::acceptedDraftTokens);
  }

  private static void count(
      BuiltinEngine engine, Metrics metrics, String name, ToLongFunction<EngineStats> figure) {
    metrics.count(MetricNames.ENGINE + name, () -> figure.applyAsLong(engine.stats()));
  }
}
