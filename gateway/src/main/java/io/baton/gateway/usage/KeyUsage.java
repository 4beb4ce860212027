package io.baton.gateway.usage;

import io.baton.proto.v1.Usage;
import io.baton.telemetry.MetricNames;
import io.baton.telemetry.Metrics;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Totals per key of clients, as metrics. Only so many keys have a label of their own, the others
 * share one: a file of ten thousand keys must not make ten thousand series. Thread-safe.
 */
public final class KeyUsage {
  static final String OTHERS = "other";
  private static final String KEY = "key";

  private final Metrics metrics;
  private final int maxKeys;
  private final Set<String> labels = ConcurrentHashMap.newKeySet();

  /**
   * Nothing used yet.
   *
   * @param maxKeys with a label of their own: those that come first
   */
  public KeyUsage(Metrics metrics, int maxKeys) {
    this.metrics = metrics;
    this.maxKeys = maxKeys;
  }

  /** A request has ended. */
  public void add(String key, Usage usage) {
    if (key.isEmpty()) {
      // Where no keys are asked for, the totals per model say all.
      return;
    }
    String label = label(key);
    metrics.counter(MetricNames.KEY_REQUESTS, KEY, label).increment();
    tokens(label, "prompt", usage.getPromptTokens());
    tokens(label, "cached", usage.getCachedTokens());
    tokens(label, "completion", usage.getCompletionTokens());
  }

  private void tokens(String label, String kind, int count) {
    metrics.counter(MetricNames.KEY_TOKENS, KEY, label, "kind", kind).increment(count);
  }

  private synchronized String label(String key) {
    if (labels.contains(key)) {
      return key;
    }
    return labels.size() < maxKeys && labels.add(key) ? key : OTHERS;
  }
}
