package io.baton.standalone.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.Finish;
import io.baton.bridge.FinishReason;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.standalone.fake.FakeOptions.Flag;
import io.baton.standalone.fake.FakeRequest.BadRequestException;
import io.baton.telemetry.slices.TraceHeader;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Stands in for SGLang. */
final class FakeSglang extends FakeServer {
  private final boolean incremental;
  private final Set<String> rids = ConcurrentHashMap.newKeySet();

  FakeSglang(FakeOptions options, FakeCore core, boolean incremental) {
    super(options, core);
    this.incremental = incremental;
  }

  @Override
  void get(HttpServerRequest request) {
    switch (path(request)) {
      case "/health", "/health_generate" -> text(request, "");
      case "/v1/models" -> json(request, 200, models("sglang"));
      case "/server_info", "/get_server_info" -> json(request, 200, serverInfo());
      case "/model_info" ->
          json(
              request,
              200,
              JSON.createObjectNode()
                  .put("model_path", options.folder().toString())
                  .put("tokenizer_path", options.folder().toString())
                  .put("is_generation", true));
      case "/v1/loads" -> json(request, 200, loads());
      case "/metrics" -> text(request, metrics());
      default -> json(request, 404, error(404, "Not Found"));
    }
  }

  private ObjectNode serverInfo() {
    ObjectNode info =
        JSON.createObjectNode()
            .put("version", "0.5.23")
            .put("served_model_name", options.name())
            .put("model_path", options.folder().toString())
            .put("tokenizer_path", options.folder().toString())
            .put("page_size", options.blockSize)
            .put("dp_size", 1)
            .put("max_total_num_tokens", options.blocks * options.blockSize)
            .put("enable_trace", options.trace)
            .put("enable_metrics", !options.lacks(Flag.METRICS))
            .put("enable_cache_report", !options.lacks(Flag.CACHE_REPORT))
            .put("incremental_streaming_output", incremental)
            .put("kv_cache_dtype", options.kvCacheDtype)
            .put("disaggregation_mode", options.modeName())
            .put("disaggregation_bootstrap_port", core.bootstrapPort())
            .putNull("kv_events");
    if (!options.kvEndpoint.isEmpty()) {
      ObjectNode events =
          JSON.createObjectNode()
              .put("publisher", "zmq")
              .put("topic", "kv-events")
              .put("endpoint", options.kvEndpoint);
      if (!options.kvReplayEndpoint.isEmpty()) {
        events.put("replay_endpoint", options.kvReplayEndpoint);
      }
      info.put("kv_events_config", events.toString());
    }
    return info;
  }

  private ObjectNode loads() {
    EngineLoad load = core.load();
    ObjectNode root = JSON.createObjectNode().put("version", "0.5.23");
    root.putArray("loads")
        .addObject()
        .put("dp_rank", 0)
        .put("num_running_reqs", load.runningRequests())
        .put("num_waiting_reqs", load.waitingRequests())
        .put("num_waiting_uncached_tokens", load.waitingTokens())
        .put("num_used_tokens", load.usedBlocks() * options.blockSize)
        .put("max_total_num_tokens", load.totalBlocks() * options.blockSize);
    return root;
  }

  private String metrics() {
    EngineLoad load = core.load();
    String label = "{model_name=\"" + options.name() + "\"} ";
    return "# TYPE sglang:num_running_reqs gauge\nsglang:num_running_reqs"
        + label
        + load.runningRequests()
        + "\n# TYPE sglang:num_queue_reqs gauge\nsglang:num_queue_reqs"
        + label
        + load.waitingRequests()
        + "\n# TYPE sglang:token_usage gauge\nsglang:token_usage"
        + label
        + (double) load.usedBlocks() / Math.max(1, load.totalBlocks())
        + "\n# TYPE sglang:cached_tokens_total counter\nsglang:cached_tokens_total"
        + label
        + core.stats().cachedTokens()
        + "\n";
  }

  @Override
  void post(HttpServerRequest request, JsonNode body) throws BadRequestException {
    switch (path(request)) {
      case "/generate" -> generate(request, body, body.path("sampling_params"), true);
      case "/v1/chat/completions", "/v1/completions" -> generate(request, body, body, false);
      case "/abort_request" -> {
        String prefix = body.path("rid").asText("");
        // By prefix, as the real one: short ids are dangerous.
        rids.stream()
            .filter(rid -> !prefix.isEmpty() && rid.startsWith(prefix))
            .forEach(core::cancel);
        text(request, "");
      }
      case "/v1/tokenize", "/tokenize" -> {
        int[] ids = core.tokens(body);
        ObjectNode root = JSON.createObjectNode().put("count", ids.length);
        var tokens = root.putArray("tokens");
        for (int id : ids) {
          tokens.add(id);
        }
        json(request, 200, root);
      }
      default -> other(request, body);
    }
  }

  private void generate(
      HttpServerRequest http, JsonNode body, JsonNode sampling, boolean nativeRoute)
      throws BadRequestException {
    if (refused(http)) {
      return;
    }
    String rid = body.path("rid").asText(randomId());
    if (rids.contains(rid)) {
      throw new BadRequestException("Duplicate request ID detected: " + rid);
    }
    if (body.has("external_trace_header") && body.path("external_trace_header").isNull()) {
      throw new BadRequestException("external_trace_header: null");
    }
    int max =
        nativeRoute
            ? sampling.path("max_new_tokens").asInt(128)
            : body.path("max_completion_tokens").asInt(body.path("max_tokens").asInt(16));
    var request =
        FakeRequest.of(
            leg(),
            core.tokens(body),
            sampling,
            max,
            body.path("cache_salt").asText(""),
            handoff(body));
    FakeStream.Shape shape =
        nativeRoute
            ? new Native(rid)
            : new OpenAiShape(this, rid, path(http).contains("chat"), body, (root, finish) -> {});
    boolean stream = body.path("stream").asBoolean();
    rids.add(rid);
    track(
        http,
        () -> rids.remove(rid),
        () -> {
          rids.remove(rid);
          core.cancel(rid);
        });
    core.generate(
        request,
        rid,
        trace(http, body),
        new FakeStream(options, vertx.getOrCreateContext(), http.response(), stream, shape));
  }

  private static @Nullable TraceHeader trace(HttpServerRequest http, JsonNode body) {
    String parent = body.path("external_trace_header").path("traceparent").asText("");
    return parent.length() == 55 ? new TraceHeader(parent, "", 3) : trace(http);
  }

  private Leg leg() {
    return switch (options.mode) {
      case NULL -> Leg.AGGREGATED;
      case PREFILL -> Leg.PREFILL;
      case DECODE -> Leg.DECODE;
    };
  }

  private Optional<Handoff> handoff(JsonNode body) throws BadRequestException {
    if (options.mode == FakeOptions.Mode.NULL) {
      return Optional.empty();
    }
    if (!body.path("bootstrap_room").canConvertToLong()) {
      throw new BadRequestException("bootstrap_room: missing");
    }
    return Optional.of(
        new Handoff(
            body.path("bootstrap_room").asLong(),
            body.path("bootstrap_host").asText(),
            body.path("bootstrap_port").asInt(8998),
            new byte[16]));
  }

  @Override
  JsonNode error(int status, String message) {
    return JSON.createObjectNode()
        .put("object", "error")
        .put("message", message)
        .put("type", "BadRequestError")
        .put("code", status);
  }

  /** Of {@code /generate}: everything so far in each event, or what is new. */
  private final class Native implements FakeStream.Shape {
    private final String rid;

    Native(String rid) {
      this.rid = rid;
    }

    @Override
    public List<JsonNode> tokens(int[] all, int count, int fresh) {
      return List.of(event(all, incremental ? count - fresh : 0, count, null));
    }

    @Override
    public List<JsonNode> end(int[] all, int count, Finish finish) {
      return List.of(last(all, incremental ? count : 0, count, finish));
    }

    @Override
    public JsonNode body(int[] all, int count, Finish finish) {
      return last(all, 0, count, finish);
    }

    /** The token that stopped it is among the ids. */
    private JsonNode last(int[] all, int from, int count, Finish finish) {
      if (finish.stopToken() < 0) {
        return event(all, from, count, finish);
      }
      int[] longer = java.util.Arrays.copyOf(all, count + 1);
      longer[count] = finish.stopToken();
      return event(longer, from, count + 1, finish);
    }

    private ObjectNode event(int[] all, int from, int count, @Nullable Finish finish) {
      ObjectNode root = JSON.createObjectNode().put("text", detokenize(all, from, count));
      var ids = root.putArray("output_ids");
      for (int i = from; i < count; i++) {
        ids.add(all[i]);
      }
      ObjectNode meta = root.putObject("meta_info").put("id", rid).put("completion_tokens", count);
      if (finish == null) {
        meta.putNull("finish_reason");
        return root;
      }
      ObjectNode reason = meta.putObject("finish_reason");
      if (finish.reason() == FinishReason.STOP) {
        reason.put("type", "stop").put("matched", finish.stopToken());
      } else if (finish.reason() == FinishReason.ABORT) {
        reason.put("type", "abort").put("message", "Aborted");
      } else {
        reason.put("type", "length").put("length", count);
      }
      meta.put("prompt_tokens", finish.promptTokens())
          .put("cached_tokens", Math.max(0, finish.cachedTokens()))
          .put("queue_time", Math.max(0, finish.queueSeconds()))
          .put("forward_entry_time", 1.0)
          .put("prefill_finished_time", 1.0 + Math.max(0, finish.prefillSeconds()))
          .put("e2e_latency", Math.max(0, finish.prefillSeconds()));
      return root;
    }

    @Override
    public JsonNode error(int status, String message) {
      ObjectNode root = JSON.createObjectNode();
      root.putObject("error").put("message", message).put("code", status).put("retryable", false);
      return root;
    }
  }
}
