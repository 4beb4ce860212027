package io.baton.bridge.vllm;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.bridge.EngineCard;
import io.baton.bridge.EngineCard.HandoffCard;
import io.baton.bridge.EngineCard.HandoffStyle;
import io.baton.bridge.EngineCard.Role;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.OpenAiEngine.OpenAiRequest;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.bridge.openai.EngineBodies;
import io.baton.bridge.openai.JsonEdit;
import io.baton.bridge.openai.PlainDialect;
import io.baton.bridge.server.ControlClient;
import io.baton.bridge.server.Dialect;
import io.baton.bridge.server.KvEventSource;
import io.baton.bridge.server.KvEventSources;
import io.baton.bridge.server.PrometheusText;
import io.baton.bridge.server.PrometheusText.Sample;
import io.baton.bridge.server.ServerFacts;
import io.baton.bridge.server.ServerFacts.Tracing;
import io.baton.bridge.server.ServerOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How vLLM is asked and told, beside its requests. */
public final class VllmDialect implements Dialect {
  /** A prefill leg's side of NIXL: keep the blocks, the decode engine will pull them. */
  static final String REMOTE_DECODE =
      "{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"remote_engine_id\":null,"
          + "\"remote_block_ids\":null,\"remote_host\":null,\"remote_port\":null}";

  private final ServerOptions options;

  /** What cannot be asked is taken from {@code options}. */
  public VllmDialect(ServerOptions options) {
    this.options = options;
  }

  @Override
  public ServerFacts probe(ControlClient control) throws IOException {
    JsonNode models = control.json("/v1/models");
    String version =
        control.jsonIfThere("/version").map(v -> v.path("version").asText("")).orElse("unknown");
    Map<Integer, Sample> caches = caches(PrometheusText.parse(control.text("/metrics")));
    int dpSize = Math.max(1, caches.size());
    Map<String, String> cache =
        caches.values().stream().findFirst().map(Sample::labels).orElse(Map.of());
    List<KvEventSource> events = kvEvents(control, dpSize);
    int blockSize = (int) number(cache.get("block_size"));
    var card =
        new EngineCard(
            "vllm",
            version,
            options.role(),
            PlainDialect.names(models),
            dpSize,
            blockSize,
            number(cache.get("num_gpu_blocks")),
            PlainDialect.maxContext(models),
            control.server().maxRequests(),
            !events.isEmpty(),
            "",
            List.of(),
            handoff(models, cache, blockSize));
    return new ServerFacts(card, events, tracing(control));
  }

  /** Engine index to the description of its cache; the ranks behind one URL. */
  private static Map<Integer, Sample> caches(PrometheusText metrics) {
    var caches = new TreeMap<Integer, Sample>();
    for (Sample sample : metrics.all("vllm:cache_config_info")) {
      caches.put((int) number(sample.labels().get("engine")), sample);
    }
    return caches;
  }

  private static long number(@org.jspecify.annotations.Nullable String text) {
    return text != null && text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }

  private Optional<HandoffCard> handoff(JsonNode models, Map<String, String> cache, int blockSize) {
    if (options.role() == Role.AGGREGATED) {
      return Optional.empty();
    }
    String layout =
        "vllm:%s:%s:%d"
            .formatted(
                models.path("data").path(0).path("id").asText(),
                cache.getOrDefault("cache_dtype", "auto"),
                blockSize);
    return Optional.of(new HandoffCard(HandoffStyle.PARAMETERS, "", 0, layout));
  }

  /** Newer servers say where they publish; of older ones only configuration knows. */
  private List<KvEventSource> kvEvents(ControlClient control, int dpSize) throws IOException {
    if (!options.kvEndpoint().isEmpty()) {
      return KvEventSources.configured(options, dpSize);
    }
    Optional<JsonNode> said = control.jsonIfThere("/kv_event_sources");
    var sources = new ArrayList<KvEventSource>();
    for (int rank = 0; rank < dpSize && said.isPresent(); rank++) {
      JsonNode source = said.get().path(Integer.toString(rank));
      if (source.path("enable_kv_cache_events").asBoolean()
          && "zmq".equals(source.path("publisher").asText())) {
        KvEventSource first =
            KvEventSources.of(
                    control.server().url().getHost(),
                    source.path("endpoint").asText(),
                    source.path("replay_endpoint").asText(""),
                    source.path("topic").asText(""),
                    1)
                .getFirst();
        sources.add(
            new KvEventSource(
                rank, first.endpoint(), first.bind(), first.replayEndpoint(), first.topic()));
      }
    }
    return sources;
  }

  /** Only a server in development mode says how it was started. */
  private Tracing tracing(ControlClient control) throws IOException {
    if (options.tracing().isPresent()) {
      return options.tracing().get() ? Tracing.ON : Tracing.OFF;
    }
    Optional<JsonNode> info = control.jsonIfThere("/server_info");
    if (info.isEmpty()) {
      return Tracing.UNKNOWN;
    }
    String text = info.get().toString();
    boolean named = text.contains("otlp_traces_endpoint");
    boolean none = text.matches("(?s).*otlp_traces_endpoint['\"]?[=:] ?(None|null).*");
    return !named ? Tracing.UNKNOWN : none ? Tracing.OFF : Tracing.ON;
  }

  @Override
  public List<EngineLoad> load(ControlClient control, ServerFacts facts) throws IOException {
    PrometheusText metrics = PrometheusText.parse(control.text("/metrics"));
    long blocks = facts.card().totalBlocks();
    var loads = new ArrayList<EngineLoad>();
    for (int rank = 0; rank < facts.card().dpSize(); rank++) {
      String engine = Integer.toString(rank);
      double usage =
          metrics
              .sum("vllm:kv_cache_usage_perc", "engine", engine)
              .orElse(metrics.sum("vllm:gpu_cache_usage_perc", "engine", engine).orElse(0));
      loads.add(
          new EngineLoad(
              rank,
              (int) metrics.sum("vllm:num_requests_running", "engine", engine).orElse(0),
              (int) metrics.sum("vllm:num_requests_waiting", "engine", engine).orElse(0),
              Math.round(usage * blocks),
              blocks,
              0));
    }
    return loads;
  }

  @Override
  public byte[] body(OpenAiRequest request, String rid, ServerFacts facts) {
    var edit = new JsonEdit();
    EngineBodies.nameModel(request, facts.card().models(), edit);
    if (request.leg() == Leg.PREFILL) {
      prefill(request, edit);
    } else {
      EngineBodies.addUsage(request, edit);
      request
          .handoff()
          .filter(handoff -> handoff.parameters().length > 0)
          .ifPresent(handoff -> decode(handoff, edit));
    }
    return edit.apply(request.body());
  }

  /** One token and no stream: what is wanted is the cache. */
  private static void prefill(OpenAiRequest request, JsonEdit edit) {
    edit.set("stream", "false")
        .remove("stream_options")
        .remove("min_tokens")
        .remove("min_completion_tokens")
        .set("max_tokens", "1")
        .set("kv_transfer_params", REMOTE_DECODE);
    if (request.path().endsWith("/chat/completions")) {
      edit.set("max_completion_tokens", "1");
    }
  }

  private static void decode(Handoff handoff, JsonEdit edit) {
    edit.set("kv_transfer_params", new String(handoff.parameters(), StandardCharsets.UTF_8));
  }

  @Override
  public String tokenizePath() {
    return "/tokenize";
  }

  @Override
  public boolean asksForUsage() {
    return true;
  }

  @Override
  public void abort(ControlClient control, String rid) {
    // vLLM stops when the connection goes.
  }
}
