package io.baton.standalone.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.Finish;
import io.baton.bridge.FinishReason;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.standalone.fake.FakeOptions.Flag;
import io.baton.standalone.fake.FakeRequest.BadRequestException;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.TraceScope;
import io.baton.telemetry.slices.TraceClock;
import io.baton.telemetry.slices.TraceHeader;
import io.opentelemetry.api.trace.SpanKind;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Stands in for vLLM. */
final class FakeVllm extends FakeServer {
  private static final long LEASE_MILLIS = TimeUnit.SECONDS.toMillis(30);

  /** Requests whose KV a decode engine has not fetched yet. */
  private final Map<String, Long> leases = new ConcurrentHashMap<>();

  private final String engineId = randomId();

  FakeVllm(FakeOptions options, FakeCore core) {
    super(options, core);
  }

  @Override
  void get(HttpServerRequest request) {
    switch (path(request)) {
      case "/health", "/ping" -> text(request, "");
      case "/v1/models" -> json(request, 200, models("vllm"));
      case "/version" -> json(request, 200, JSON.createObjectNode().put("version", "0.32.0"));
      case "/kv_event_sources" -> json(request, 200, sources());
      case "/metrics" -> text(request, metrics());
      default -> json(request, 404, error(404, "Not Found"));
    }
  }

  private ObjectNode sources() {
    ObjectNode root = JSON.createObjectNode();
    if (!options.kvEndpoint.isEmpty()) {
      ObjectNode source =
          root.putObject("0")
              .put("enable_kv_cache_events", true)
              .put("publisher", "zmq")
              .put("endpoint", options.kvEndpoint)
              .put("topic", "kv@fake@" + options.name());
      if (!options.kvReplayEndpoint.isEmpty()) {
        source.put("replay_endpoint", options.kvReplayEndpoint);
      }
    }
    return root;
  }

  private String metrics() {
    EngineLoad load = core.load();
    String labels = "engine=\"0\",model_name=\"" + options.name() + "\"} ";
    return "# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running{"
        + labels
        + load.runningRequests()
        + "\n# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting{"
        + labels
        + load.waitingRequests()
        + "\n# TYPE vllm:kv_cache_usage_perc gauge\nvllm:kv_cache_usage_perc{"
        + labels
        + (double) load.usedBlocks() / Math.max(1, load.totalBlocks())
        + "\n# TYPE vllm:prefix_cache_hits counter\nvllm:prefix_cache_hits_total{"
        + labels
        + core.stats().cachedTokens()
        + "\n# TYPE vllm:cache_config_info gauge\nvllm:cache_config_info{block_size=\""
        + options.blockSize
        + "\",cache_dtype=\""
        + options.kvCacheDtype
        + "\",enable_prefix_caching=\""
        + (options.lacks(Flag.PREFIX_CACHING) ? "False" : "True")
        + "\",num_gpu_blocks=\""
        + options.blocks
        + "\","
        + labels
        + "1.0\n";
  }

  @Override
  void post(HttpServerRequest request, JsonNode body) throws BadRequestException {
    switch (path(request)) {
      case "/v1/chat/completions", "/v1/completions" -> generate(request, body);
      case "/fetched" -> {
        leases.remove(body.path("remote_request_id").asText());
        text(request, "");
      }
      case "/tokenize" -> {
        int[] ids = core.tokens(body);
        ObjectNode root =
            JSON.createObjectNode()
                .put("count", ids.length)
                .put("max_model_len", options.blocks * options.blockSize);
        var tokens = root.putArray("tokens");
        for (int id : ids) {
          tokens.add(id);
        }
        json(request, 200, root);
      }
      default -> other(request, body);
    }
  }

  private void generate(HttpServerRequest http, JsonNode body) throws BadRequestException {
    if (refused(http)) {
      return;
    }
    if (!options.name().equals(body.path("model").asText(options.name()))) {
      json(
          http, 404, error(404, "The model `" + body.path("model").asText() + "` does not exist."));
      return;
    }
    int limit = options.blocks * options.blockSize;
    int max = body.path("max_completion_tokens").asInt(body.path("max_tokens").asInt(16));
    if (max > limit) {
      throw new BadRequestException(
          "max_tokens=%d cannot be greater than max_model_len=%d.".formatted(max, limit));
    }
    JsonNode transfer = body.path("kv_transfer_params");
    if (transfer.path("do_remote_prefill").asBoolean()) {
      fetched(transfer);
    }
    String rid = randomId();
    int[] tokens = core.tokens(body);
    var request =
        FakeRequest.of(
            Leg.AGGREGATED,
            tokens,
            body,
            max,
            body.path("cache_salt").asText(""),
            Optional.empty());
    boolean chat = path(http).contains("chat");
    Span span = new Span(trace(http));
    var shape =
        new OpenAiShape(
            this,
            (chat ? "chatcmpl-" : "cmpl-") + rid,
            chat,
            body,
            (root, finish) -> extras(root, finish, rid, tokens.length, transfer));
    track(http, span::end, () -> core.cancel(rid));
    core.generate(
        request,
        rid,
        null,
        new FakeStream(
            options,
            vertx.getOrCreateContext(),
            http.response(),
            body.path("stream").asBoolean(),
            shape));
  }

  private void extras(
      ObjectNode root, Finish finish, String rid, int promptTokens, JsonNode transfer) {
    if (!options.lacks(Flag.PER_REQUEST_METRICS)) {
      timings(root, finish);
    }
    if (options.lacks(Flag.PROMPT_TOKENS_DETAILS) && root.path("usage") instanceof ObjectNode u) {
      u.remove("prompt_tokens_details");
    }
    handoff(root, finish, rid, promptTokens, transfer);
  }

  private static void timings(ObjectNode root, Finish finish) {
    double ttft = 1e3 * Math.max(0, finish.queueSeconds() + finish.prefillSeconds());
    root.putObject("metrics")
        .put("time_to_first_token_ms", ttft)
        .put("generation_time_ms", 1e3 * Math.max(0, finish.decodeSeconds()))
        .put("queue_time_ms", 1e3 * Math.max(0, finish.queueSeconds()));
  }

  private void handoff(
      ObjectNode root, Finish finish, String rid, int promptTokens, JsonNode transfer) {
    // Only an answer that was cut short has something for another engine to go on with.
    if (transfer.path("do_remote_decode").asBoolean() && finish.reason() == FinishReason.LENGTH) {
      leases.values().removeIf(until -> until < TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
      leases.put(rid, TimeUnit.NANOSECONDS.toMillis(System.nanoTime()) + LEASE_MILLIS);
      ObjectNode parameters =
          root.putObject("kv_transfer_params")
              .put("do_remote_prefill", true)
              .put("do_remote_decode", false)
              .put("remote_engine_id", engineId)
              .put("remote_request_id", rid)
              .put("remote_host", options.host)
              .put("remote_port", options.port)
              .put("tp_size", 1);
      parameters.putArray("remote_block_ids").add(promptTokens / options.blockSize);
    }
  }

  /** Tells the prefill engine that it may let go, as a real decode engine does over its own way. */
  private void fetched(JsonNode transfer) throws BadRequestException {
    if (!transfer.path("remote_request_id").isTextual()) {
      throw new BadRequestException("kv_transfer_params: no remote_request_id");
    }
    int port = transfer.path("remote_port").asInt();
    vertx
        .createHttpClient()
        .request(
            io.vertx.core.http.HttpMethod.POST,
            port,
            transfer.path("remote_host").asText(),
            "/fetched")
        .compose(call -> call.send(transfer.toString()));
  }

  @Override
  JsonNode error(int status, String message) {
    ObjectNode root = JSON.createObjectNode();
    root.putObject("error")
        .put("message", message)
        .put("type", "BadRequestError")
        .putNull("param")
        .put("code", status);
    return root;
  }

  /** vLLM's one span, made at the end. */
  private final class Span {
    private final TraceScope scope;
    private final SpanDraft draft;

    Span(@org.jspecify.annotations.Nullable TraceHeader parent) {
      scope =
          core.tracing()
              .begin(
                  parent == null ? null : parent.traceparent(),
                  parent == null ? null : parent.tracestate(),
                  1);
      draft = scope.top("llm_request", SpanKind.SERVER, TraceClock.now());
    }

    void end() {
      draft.end(TraceClock.now());
      scope.finish(TraceClock.now());
    }
  }
}
