package io.baton.bridge.sglang;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.bridge.EngineCard;
import io.baton.bridge.EngineCard.HandoffCard;
import io.baton.bridge.EngineCard.HandoffStyle;
import io.baton.bridge.EngineCard.Role;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.OpenAiEngine.OpenAiRequest;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.bridge.openai.EngineBodies;
import io.baton.bridge.openai.JsonEdit;
import io.baton.bridge.openai.PlainDialect;
import io.baton.bridge.server.ControlClient;
import io.baton.bridge.server.Dialect;
import io.baton.bridge.server.KvEventSource;
import io.baton.bridge.server.KvEventSources;
import io.baton.bridge.server.ServerFacts;
import io.baton.bridge.server.ServerFacts.Tracing;
import io.baton.bridge.server.ServerOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How SGLang is asked and told, beside its requests. */
public final class SglangDialect implements Dialect {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DEFAULT_BOOTSTRAP_PORT = 8998;

  private final ServerOptions options;

  /** What cannot be asked is taken from {@code options}. */
  public SglangDialect(ServerOptions options) {
    this.options = options;
  }

  @Override
  public ServerFacts probe(ControlClient control) throws IOException {
    JsonNode models = control.json("/v1/models");
    JsonNode info = serverInfo(control);
    Role role = role(info);
    int page = info.path("page_size").asInt(1);
    int dpSize = Math.max(1, info.path("dp_size").asInt(1));
    long tokens = info.path("max_total_num_tokens").asLong(info.path("max_total_tokens").asLong(0));
    List<KvEventSource> events = kvEvents(control, info, dpSize);
    var card =
        new EngineCard(
            "sglang",
            info.path("version").asText("unknown"),
            role,
            PlainDialect.names(models),
            dpSize,
            page,
            tokens / page,
            PlainDialect.maxContext(models),
            control.server().maxRequests(),
            !events.isEmpty(),
            "",
            List.of(),
            handoff(control, info, role, page));
    return new ServerFacts(card, events, tracing(info));
  }

  /** The newer name of the route first. */
  private static JsonNode serverInfo(ControlClient control) throws IOException {
    Optional<JsonNode> info = control.jsonIfThere("/server_info");
    return info.isPresent() ? info.get() : control.json("/get_server_info");
  }

  private Role role(JsonNode info) throws IOException {
    Role said =
        switch (info.path("disaggregation_mode").asText("null")) {
          case "prefill" -> Role.PREFILL;
          case "decode" -> Role.DECODE;
          default -> Role.AGGREGATED;
        };
    if (options.role() != said && options.role() != Role.AGGREGATED) {
      throw new IOException(
          "role: %s (expected: %s, which the server's --disaggregation-mode says)"
              .formatted(options.role(), said));
    }
    return said;
  }

  private Tracing tracing(JsonNode info) {
    if (options.tracing().isPresent()) {
      return options.tracing().get() ? Tracing.ON : Tracing.OFF;
    }
    return info.path("enable_trace").asBoolean() ? Tracing.ON : Tracing.OFF;
  }

  private static Optional<HandoffCard> handoff(
      ControlClient control, JsonNode info, Role role, int page) {
    if (role == Role.AGGREGATED) {
      return Optional.empty();
    }
    String layout =
        "sglang:%s:%s:%d"
            .formatted(
                info.path("served_model_name").asText(),
                info.path("kv_cache_dtype").asText("auto"),
                page);
    int port = info.path("disaggregation_bootstrap_port").asInt(DEFAULT_BOOTSTRAP_PORT);
    return Optional.of(
        role == Role.PREFILL
            ? new HandoffCard(HandoffStyle.ROOM, bootstrapHost(control, info), port, layout)
            : new HandoffCard(HandoffStyle.ROOM, "", 0, layout));
  }

  /**
   * Where decode engines find the bootstrap server: it listens where the engine was rendezvoused.
   */
  private static String bootstrapHost(ControlClient control, JsonNode info) {
    String distributed = info.path("dist_init_addr").asText("");
    int colon = distributed.lastIndexOf(':');
    String host = colon > 0 ? distributed.substring(0, colon) : control.server().url().getHost();
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  /**
   * Newer servers say what they publish in {@code kv_events}; older ones only repeat their flag.
   */
  private List<KvEventSource> kvEvents(ControlClient control, JsonNode info, int dpSize) {
    if (!options.kvEndpoint().isEmpty()) {
      return KvEventSources.configured(options, dpSize);
    }
    JsonNode flag = flag(info);
    JsonNode said = info.path("kv_events");
    String endpoint = flag.path("endpoint").asText("");
    if (said.isObject() && said.has("endpoint_port_base")) {
      endpoint =
          "tcp://"
              + said.path("endpoint_host").asText("*")
              + ":"
              + said.path("endpoint_port_base").asInt();
    } else if (!"zmq".equals(flag.path("publisher").asText())) {
      return List.of();
    }
    if (endpoint.isEmpty()) {
      endpoint = "tcp://*:5557";
    }
    return KvEventSources.of(
        control.server().url().getHost(),
        endpoint,
        flag.path("replay_endpoint").asText(""),
        said.path("topic").asText(flag.path("topic").asText("")),
        dpSize);
  }

  private static JsonNode flag(JsonNode info) {
    try {
      JsonNode flag = JSON.readTree(info.path("kv_events_config").asText("{}"));
      return flag == null ? JSON.missingNode() : flag;
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    }
  }

  @Override
  public List<EngineLoad> load(ControlClient control, ServerFacts facts) throws IOException {
    int page = Math.max(1, facts.card().blockSize());
    var loads = new ArrayList<EngineLoad>();
    for (JsonNode rank : control.json("/v1/loads?include=core").path("loads")) {
      loads.add(
          new EngineLoad(
              rank.path("dp_rank").asInt(),
              rank.path("num_running_reqs").asInt(),
              rank.path("num_waiting_reqs").asInt(),
              rank.path("num_used_tokens").asLong() / page,
              rank.path("max_total_num_tokens").asLong() / page,
              rank.path("num_waiting_uncached_tokens").asLong()));
    }
    return loads;
  }

  @Override
  public byte[] body(OpenAiRequest request, String rid, ServerFacts facts) {
    var edit = new JsonEdit().set("rid", quote(rid));
    EngineBodies.nameModel(request, facts.card().models(), edit);
    EngineBodies.addUsage(request, edit);
    request.handoff().ifPresent(handoff -> bootstrap(handoff, edit));
    return edit.apply(request.body());
  }

  private static void bootstrap(Handoff handoff, JsonEdit edit) {
    edit.set("bootstrap_host", quote(handoff.host()))
        .set("bootstrap_port", Integer.toString(handoff.port()))
        .set("bootstrap_room", Long.toString(handoff.room()));
  }

  @Override
  public String tokenizePath() {
    return "/v1/tokenize";
  }

  @Override
  public boolean asksForUsage() {
    return true;
  }

  @Override
  public void abort(ControlClient control, String rid) {
    control.tell("/abort_request", JSON.createObjectNode().put("rid", rid));
  }

  private static String quote(String text) {
    return JSON.getNodeFactory().textNode(text).toString();
  }
}
