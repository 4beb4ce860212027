package io.baton.gateway;

import io.baton.gateway.relay.FormatStage;
import io.baton.proto.v1.Usage;
import io.baton.telemetry.MetricNames;
import io.baton.telemetry.Metrics;
import io.baton.telemetry.SpanDraft;
import java.time.Duration;

/** What the gateway counts. Thread-safe; labels have few values, whatever clients send. */
public final class GatewayMetrics {
  private static final String MODEL = "model";
  private static final Duration[] SECONDS = buckets();

  private final Metrics metrics;

  GatewayMetrics(Metrics metrics) {
    this.metrics = metrics;
  }

  private static Duration[] buckets() {
    long[] millis = {
      1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000
    };
    var buckets = new Duration[millis.length];
    for (int i = 0; i < millis.length; i++) {
      buckets[i] = Duration.ofMillis(millis[i]);
    }
    return buckets;
  }

  /** A request has concluded, with this status; 499: the client left. */
  public void ended(String model, String operation, int status, long nanos, SpanDraft root) {
    metrics
        .counter(
            MetricNames.REQUESTS,
            MODEL,
            model,
            "operation",
            operation,
            "status",
            Integer.toString(status))
        .increment();
    metrics.record(metrics.timer(MetricNames.REQUEST_DURATION, SECONDS, MODEL, model), nanos, root);
  }

  /** From the request's arrival to the first token here. */
  public void firstToken(String model, long nanos, SpanDraft root) {
    metrics.record(
        metrics.timer(MetricNames.TIME_TO_FIRST_TOKEN, SECONDS, MODEL, model), nanos, root);
  }

  /** Tokens of an answered request. */
  public void usage(String model, Usage usage) {
    metrics.counter(MetricNames.PROMPT_TOKENS, MODEL, model).increment(usage.getPromptTokens());
    metrics.counter(MetricNames.CACHED_TOKENS, MODEL, model).increment(usage.getCachedTokens());
    metrics
        .counter(MetricNames.COMPLETION_TOKENS, MODEL, model)
        .increment(usage.getCompletionTokens());
  }

  /** Another worker is tried. */
  public void retried(String model, String cause) {
    metrics.counter(MetricNames.RETRIES, MODEL, model, "cause", cause).increment();
  }

  /** Another worker would have been tried, but the budget was used up. */
  public void retryRefused(String model) {
    metrics.counter(MetricNames.RETRIES_REFUSED, MODEL, model).increment();
  }

  /** A time limit of a request was reached. */
  public void timedOut(String model, String limit) {
    metrics.counter(MetricNames.TIMEOUTS, MODEL, model, "limit", limit).increment();
  }

  /** The client left before its answer was complete. */
  public void clientGone(String model) {
    metrics.counter(MetricNames.CLIENTS_GONE, MODEL, model).increment();
  }

  /** Shows what the stage counts. */
  public void formats(FormatStage stage) {
    metrics.count(MetricNames.FORMATS_COMPILED, stage::compiled);
    metrics.count(MetricNames.FORMATS_REUSED, stage::reused);
    metrics.gauge(MetricNames.FORMATS_KEPT, stage::kept);
  }

  /** A prompt in the {@code openai} form could not be tokenized; it was routed by load alone. */
  public void untokenized(String model) {
    metrics.counter(MetricNames.UNTOKENIZED, MODEL, model).increment();
  }
}
