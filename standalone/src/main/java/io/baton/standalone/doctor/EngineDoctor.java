package io.baton.standalone.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.bridge.server.AskedTokens;
import io.baton.bridge.server.ControlClient;
import io.baton.bridge.server.PrometheusText;
import io.baton.kvblocks.TokenProbes;
import io.baton.kvblocks.TokenProbes.Probe;
import io.baton.prompt.PromptFormat;
import io.baton.prompt.template.TemplateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at one engine's server. */
final class EngineDoctor {
  /** What is compared between the servers of one fleet. */
  record Facts(String url, String kind, String model, int blockSize, String role, String kvDtype) {}

  private final ControlClient control;
  private final String url;
  private final List<Finding> findings = new ArrayList<>();

  private EngineDoctor(ControlClient control) {
    this.control = control;
    this.url = control.server().url().toString();
  }

  /**
   * Looks at a server.
   *
   * @param model folder whose tokenizer the gateway would use
   * @param into where findings go
   * @return what to compare with other servers; empty if it cannot be reached
   */
  static Optional<Facts> look(ControlClient control, Optional<Path> model, List<Finding> into) {
    var doctor = new EngineDoctor(control);
    Optional<Facts> facts = Optional.empty();
    try {
      facts = Optional.of(doctor.look(model));
    } catch (IOException e) {
      into.add(
          Finding.wrong(
              doctor.url,
              "does not answer (" + (e.getMessage() == null ? e : e.getMessage()) + ")",
              "start it, or correct the URL; `/v1/models` must answer 200"));
    }
    into.addAll(doctor.findings);
    return facts;
  }

  private Facts look(Optional<Path> model) throws IOException {
    JsonNode models = control.json("/v1/models");
    String name = models.path("data").path(0).path("id").asText("");
    if (name.isEmpty()) {
      wrong("serves no model", "start it with a model");
    }
    if (control.status("/health") >= 500) {
      wrong("says of itself that it is not healthy", "look into its log; restart it");
    }
    Optional<JsonNode> info = control.jsonIfThere("/server_info");
    Facts facts;
    if (info.isPresent() && info.get().has("page_size")) {
      facts = sglang(name, info.get());
    } else if (control.jsonIfThere("/version").isPresent()) {
      facts = vllm(name);
    } else {
      better(
          "is neither SGLang nor vLLM: no KV events, load or engine spans",
          "use engine: openai; routing is by load only");
      return new Facts(url, "openai", name, 0, "null", "");
    }
    if (model.isPresent()) {
      tokenizer(name, facts.kind(), model.get());
    }
    return facts;
  }

  private Facts sglang(String name, JsonNode info) {
    boolean events =
        info.path("kv_events").isObject()
            || info.path("kv_events_config").asText("").contains("zmq");
    if (!events) {
      better(
          "publishes no KV events, so routing only guesses what it holds",
          "--kv-events-config '{\"publisher\":\"zmq\",\"endpoint\":\"tcp://*:5557\",\"replay_endpoint\":\"tcp://*:5558\"}'");
    } else if (!info.path("kv_events_config").asText("").contains("replay_endpoint")) {
      better(
          "keeps no KV events for replay: each gap forgets the whole cache",
          "\"replay_endpoint\":\"tcp://*:5558\" in --kv-events-config");
    }
    if (!info.path("enable_trace").asBoolean()) {
      better(
          "makes no spans; Baton shows synthesised ones",
          "--enable-trace --otlp-traces-endpoint HOST:4317");
    }
    if (!info.path("enable_metrics").asBoolean()) {
      better("says no timings and no metrics", "--enable-metrics");
    }
    if (!info.path("enable_cache_report").asBoolean()) {
      better("does not say how much of a prompt was cached", "--enable-cache-report");
    }
    if (info.path("page_size").asInt() == 1) {
      better(
          "has a page size of 1: an event and a hash for every token", "--page-size 16 or larger");
    }
    return new Facts(
        url,
        "sglang",
        name,
        info.path("page_size").asInt(),
        info.path("disaggregation_mode").asText("null"),
        info.path("kv_cache_dtype").asText(""));
  }

  private Facts vllm(String name) throws IOException {
    PrometheusText metrics = PrometheusText.parse(control.text("/metrics"));
    Map<String, String> cache =
        metrics.all("vllm:cache_config_info").stream()
            .findFirst()
            .map(PrometheusText.Sample::labels)
            .orElse(Map.of());
    if (cache.isEmpty()) {
      wrong(
          "does not say its block size, so it cannot be routed to by prefix",
          "--block-size N and its /metrics route");
    }
    if ("False".equals(cache.get("enable_prefix_caching"))) {
      wrong("reuses no prefixes: KV-aware routing cannot help", "--enable-prefix-caching");
    }
    Optional<JsonNode> sources = control.jsonIfThere("/kv_event_sources");
    boolean events =
        sources.isPresent() && sources.get().path("0").path("enable_kv_cache_events").asBoolean();
    if (sources.isPresent() && !events) {
      better(
          "publishes no KV events, so routing only guesses what it holds",
          "--kv-events-config '{\"enable_kv_cache_events\":true,\"publisher\":\"zmq\",\"endpoint\":\"tcp://*:5557\",\"replay_endpoint\":\"tcp://*:5558\"}'");
    } else if (events && !sources.get().path("0").path("replay_endpoint").isTextual()) {
      better(
          "keeps no KV events for replay: each gap forgets the whole cache",
          "\"replay_endpoint\":\"tcp://*:5558\" in --kv-events-config");
    } else if (sources.isEmpty()) {
      better(
          "is too old to say where it publishes KV events",
          "set server.kv_events.endpoint of its worker");
    }
    usage(name);
    return new Facts(
        url,
        "vllm",
        name,
        Integer.parseInt(cache.getOrDefault("block_size", "0")),
        "null",
        cache.getOrDefault("cache_dtype", ""));
  }

  /** Only an answer shows whether these flags are set. */
  private void usage(String name) throws IOException {
    JsonNode request =
        new ObjectMapper()
            .createObjectNode()
            .put("model", name)
            .put("prompt", "a")
            .put("max_tokens", 1);
    Optional<JsonNode> answer = control.post("/v1/completions", request);
    if (answer.isEmpty()) {
      return;
    }
    if (!answer.get().path("usage").path("prompt_tokens_details").isObject()) {
      better("does not say how much of a prompt was cached", "--enable-prompt-tokens-details");
    }
    if (!answer.get().path("metrics").isObject()) {
      better(
          "says no timings, so spans can only be guessed from arrivals",
          "--enable-per-request-metrics");
    }
  }

  private void tokenizer(String name, String kind, Path model) throws IOException {
    String path = kind.equals("sglang") ? "/v1/tokenize" : "/tokenize";
    PromptFormat ours = PromptFormat.load(model);
    for (Probe probe : TokenProbes.all()) {
      Optional<int[]> theirs = AskedTokens.of(control, path, name, probe);
      Optional<int[]> tokens = theirs.isEmpty() ? theirs : tokens(ours, probe);
      if (tokens.isPresent() && !Arrays.equals(tokens.get(), theirs.get())) {
        wrong(
            "makes other tokens of %s than %s, so requests are not routed to it by prefix"
                .formatted(probe.name(), model),
            "models=[{name: %s, path: DIR}] of the gateway, with the engine's own tokenizer and template"
                .formatted(name));
        return;
      }
    }
  }

  private static Optional<int[]> tokens(PromptFormat format, Probe probe) {
    try {
      return Optional.of(
          probe.chat()
              ? format.encode(format.render(probe.messages()))
              : format.encodeRaw(probe.text()));
    } catch (TemplateException e) {
      // A model without a template takes no conversations.
      return Optional.empty();
    }
  }

  private void wrong(String what, String remedy) {
    findings.add(Finding.wrong(url, what, remedy));
  }

  private void better(String what, String remedy) {
    findings.add(Finding.better(url, what, remedy));
  }
}
