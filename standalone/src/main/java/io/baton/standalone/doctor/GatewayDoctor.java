package io.baton.standalone.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.bridge.server.ControlClient;
import io.baton.bridge.server.PrometheusText;
import io.baton.bridge.server.PrometheusText.Sample;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Looks at a running fleet, as its gateway sees it: health, and what its metrics tell. */
final class GatewayDoctor {
  /** Beyond it spans of two hosts are visibly out of order before they are put right. */
  private static final double MOST_CLOCK_OFFSET_SECONDS = 0.05;

  private final String url;
  private final List<Finding> findings;

  private GatewayDoctor(String url, List<Finding> findings) {
    this.url = url;
    this.findings = findings;
  }

  /**
   * Looks at a server, if it is a gateway.
   *
   * @param into where findings go
   * @return whether it is one
   */
  static boolean look(ControlClient control, List<Finding> into) {
    try {
      Optional<JsonNode> health = control.jsonIfThere("/health");
      if (health.isEmpty() || !health.get().path("pools").isArray()) {
        return false;
      }
      var doctor = new GatewayDoctor(control.server().url().toString(), into);
      doctor.health(health.get());
      doctor.metrics(PrometheusText.parse(control.text("/metrics")));
      return true;
    } catch (IOException e) {
      // An engine, whose health is an empty page, or nobody: the other doctor will say.
      return false;
    }
  }

  private void health(JsonNode health) {
    if (!health.path("broker").asText().equals("connected")) {
      wrong("has lost its broker", "start NATS, or correct nats.servers");
    }
    if (health.path("pools").isEmpty()) {
      wrong("has no workers", "start workers with the same namespace and nats.servers");
    }
    for (JsonNode pool : health.path("pools")) {
      pool(pool);
    }
  }

  private void pool(JsonNode pool) {
    String name = "pool " + pool.path("name").asText();
    if (!pool.path("can_serve").asBoolean()) {
      boolean prefill = has(pool, "prefill");
      boolean decode = has(pool, "decode");
      String missing = prefill == decode ? "" : prefill ? "decode" : "prefill";
      wrong(
          name + " cannot serve" + (missing.isEmpty() ? "" : ": no " + missing + " worker"),
          missing.isEmpty() ? "look into its workers' logs" : "role: " + missing + " on a worker");
    }
    for (JsonNode worker : pool.path("workers")) {
      String id = "worker " + worker.path("id").asText();
      if (!worker.path("routable").asBoolean()) {
        wrong(id + " gets no work", "look into its log: its engine is away, or it drains");
      }
      String off = worker.path("kv_routing_off").asText("");
      if (worker.path("kv_routing_off").isTextual()) {
        wrong(
            id + " is not routed to by prefix: " + off,
            "models=[{name: NAME, path: DIR}] of the gateway, with the engine's own tokenizer and template");
      }
    }
  }

  private static boolean has(JsonNode pool, String role) {
    for (JsonNode worker : pool.path("workers")) {
      if (worker.path("role").asText().equals(role) && worker.path("routable").asBoolean()) {
        return true;
      }
    }
    return false;
  }

  private void metrics(PrometheusText metrics) {
    for (Sample offset : metrics.all("baton_gateway_clock_offset_seconds")) {
      if (Math.abs(offset.value()) > MOST_CLOCK_OFFSET_SECONDS) {
        better(
            String.format(
                Locale.ROOT,
                "the clock of %s differs by %.0f ms",
                offset.labels().getOrDefault("peer", "a worker"),
                offset.value() * 1e3),
            "run an NTP client (chrony) there; Baton corrects its own spans, engines' stay wrong");
      }
    }
    if (total(metrics, "baton_router_distrusted_ranks") > 0) {
      better(
          "does not believe what some worker's KV events say",
          "\"replay_endpoint\" in --kv-events-config of its engine, so that gaps can be filled");
    }
    if (total(metrics, "baton_gateway_untokenized_prompts_total") > 0) {
      better(
          "could not make tokens of some prompts and routed them by load",
          "models=[{name: NAME, path: DIR}] of the gateway, with the engine's own files");
    }
  }

  private static double total(PrometheusText metrics, String name) {
    return metrics.all(name).stream().mapToDouble(Sample::value).sum();
  }

  private void wrong(String what, String remedy) {
    findings.add(Finding.wrong(url, what, remedy));
  }

  private void better(String what, String remedy) {
    findings.add(Finding.better(url, what, remedy));
  }
}
