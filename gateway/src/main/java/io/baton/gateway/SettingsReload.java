package io.baton.gateway;

import io.baton.config.ConfigException;
import io.baton.config.SettingsWatch;
import io.baton.config.SettingsWatch.Change;
import io.baton.config.SettingsWatch.Difference;
import io.baton.telemetry.MetricNames;
import io.baton.telemetry.Metrics;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a changed configuration file in force, whole or not at all. Every outcome is a log line that
 * names what changed, and a count.
 */
final class SettingsReload {
  private static final Logger LOG = LoggerFactory.getLogger(SettingsReload.class);

  /** Beginnings of the keys that may change while requests run. */
  private static final List<String> LIVE =
      List.of(
          "limits.",
          "router.policy",
          "router.steering",
          "router.conditional_disaggregation",
          "router.temperature",
          "router.holes_possible",
          "router.receipt_candidates",
          "router.cost.cache_loss_weight",
          "router.cost.host_credit",
          "router.cost.disk_credit",
          "router.cost.handoff",
          "router.cost.interference_weight",
          "router.cost.session_credit",
          "trace.level",
          "trace.ratio",
          "trace.models",
          "trace.keep",
          "trace.caller_key_file");

  /** What begins like them and is read at start only. */
  private static final List<String> AT_START =
      List.of("limits.drain_timeout", "limits.max_in_flight");

  private final SettingsWatch<GatewaySettings> watch;
  private final Consumer<GatewaySettings> apply;
  private final Metrics metrics;

  SettingsReload(
      SettingsWatch<GatewaySettings> watch, Metrics metrics, Consumer<GatewaySettings> apply) {
    this.watch = watch;
    this.metrics = metrics;
    this.apply = apply;
  }

  /** Looks at the file once. Blocks. */
  void poll() {
    Optional<Change<GatewaySettings>> change;
    try {
      change = watch.poll();
    } catch (ConfigException e) {
      count("refused");
      LOG.error(
          "the changed configuration is not used; what was in force stays: {}", e.getMessage());
      return;
    }
    change.ifPresent(this::apply);
  }

  private void apply(Change<GatewaySettings> change) {
    List<Difference> live = change.differences().stream().filter(SettingsReload::isLive).toList();
    if (!live.isEmpty()) {
      apply.accept(change.value());
      count("applied");
      LOG.info("configuration changed: {}", live);
    }
    List<Difference> waiting = change.differences().stream().filter(d -> !isLive(d)).toList();
    if (!waiting.isEmpty()) {
      count("waiting");
      LOG.warn("configuration changed, in force after a restart only: {}", waiting);
    }
  }

  private static boolean isLive(Difference difference) {
    String key = difference.key();
    return LIVE.stream().anyMatch(key::startsWith) && AT_START.stream().noneMatch(key::startsWith);
  }

  private void count(String outcome) {
    metrics.counter(MetricNames.CONFIG_RELOADS, "outcome", outcome).increment();
  }
}
