package io.baton.bridge.sglang;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.bridge.Constraint;
import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.bridge.server.ServerFacts;
import io.baton.bridge.tokens.TokenDialect;
import io.baton.telemetry.slices.TraceHeader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** SGLang's {@code /generate} with token ids; streams of all tokens so far and of new ones only. */
public final class SglangTokens implements TokenDialect {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public String path() {
    return "/generate";
  }

  @Override
  public byte[] body(
      TokenRequest request, String rid, @Nullable TraceHeader trace, ServerFacts facts) {
    ObjectNode body = JSON.createObjectNode().put("rid", rid);
    body.put("stream", request.leg() != Leg.PREFILL);
    var ids = body.putArray("input_ids");
    for (int id : request.tokenIds()) {
      ids.add(id);
    }
    sampling(request, body.putObject("sampling_params"));
    int top = request.sampling().topLogprobs();
    if (top >= 0) {
      body.put("return_logprob", true).put("logprob_start_len", -1).put("top_logprobs_num", top);
    }
    if (!request.cacheSalt().isEmpty()) {
      body.put("cache_salt", request.cacheSalt());
    }
    if (!request.lora().isEmpty()) {
      body.put("lora_path", request.lora());
    }
    if (request.priority() != 0) {
      body.put("priority", request.priority());
    }
    request
        .handoff()
        .ifPresent(handoff ->
            body.put("bootstrap_host", handoff.host())
                .put("bootstrap_port", handoff.port())
                .put("bootstrap_room", handoff.room()));
    if (trace != null) {
      // Never null: a null header has ended engines.
      var header = body.putObject("external_trace_header").put("traceparent", trace.traceparent());
      if (!trace.tracestate().isEmpty()) {
        header.put("tracestate", trace.tracestate());
      }
    }
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void sampling(TokenRequest request, ObjectNode params) {
    Sampling sampling = request.sampling();
    params
        .put("max_new_tokens", request.maxTokens())
        .put("temperature", sampling.temperature())
        .put("top_k", sampling.topK() == 0 ? -1 : sampling.topK())
        .put("top_p", sampling.topP())
        .put("min_p", sampling.minP())
        .put("repetition_penalty", sampling.repetitionPenalty())
        .put("presence_penalty", sampling.presencePenalty())
        .put("frequency_penalty", sampling.frequencyPenalty())
        .put("min_new_tokens", sampling.minTokens())
        .put("ignore_eos", request.ignoreEos());
    // SGLang's own type for it has one bit less.
    sampling.seed().ifPresent(seed -> params.put("sampling_seed", seed & Integer.MAX_VALUE));
    request
        .constraint()
        .ifPresent(constraint -> params.put(field(constraint.kind()), constraint.text()));
    if (request.stopTokenIds().length > 0) {
      var stops = params.putArray("stop_token_ids");
      for (int id : request.stopTokenIds()) {
        stops.add(id);
      }
    }
    if (!sampling.logitBias().isEmpty()) {
      var bias = params.putObject("logit_bias");
      sampling.logitBias().forEach((id, value) -> bias.put(Integer.toString(id), value));
    }
  }

  private static String field(Constraint.Kind kind) {
    return switch (kind) {
      case JSON_SCHEMA -> "json_schema";
      case REGEX -> "regex";
      case GRAMMAR -> "ebnf";
    };
  }

  @Override
  public Piece read(JsonNode event, int told) {
    JsonNode meta = event.path("meta_info");
    JsonNode ids = event.path("output_ids");
    // Cumulative: as many ids as there are tokens. What comes first looks alike in both forms.
    boolean cumulative = ids.size() == meta.path("completion_tokens").asInt(-1);
    int from = cumulative ? Math.min(told, ids.size()) : 0;
    int[] fresh = new int[ids.size() - from];
    for (int i = 0; i < fresh.length; i++) {
      fresh[i] = ids.get(from + i).asInt();
    }
    return new Piece(fresh, logprobs(meta, fresh.length), end(meta.path("finish_reason")));
  }

  private static @Nullable End end(JsonNode reason) {
    return switch (reason.path("type").asText("")) {
      case "" -> null;
      case "stop" ->
          new End(false, reason.path("matched").isInt() ? reason.path("matched").asInt() : -1, "");
      case "length" -> new End(true, -1, "");
      default -> new End(false, -1, reason.path("message").asText("the engine aborted it"));
    };
  }

  /** The last entries belong to the new tokens, in both forms of a stream. */
  private static @Nullable Logprobs logprobs(JsonNode meta, int count) {
    JsonNode chosen = meta.path("output_token_logprobs");
    if (!chosen.isArray() || chosen.size() < count || count == 0) {
      return null;
    }
    JsonNode tops = meta.path("output_top_logprobs");
    float[] values = new float[count];
    int[][] topIds = new int[count][];
    float[][] topValues = new float[count][];
    for (int i = 0; i < count; i++) {
      values[i] = chosen.get(chosen.size() - count + i).path(0).floatValue();
      JsonNode top = tops.size() >= count ? tops.get(tops.size() - count + i) : JSON.missingNode();
      topIds[i] = new int[top.size()];
      topValues[i] = new float[top.size()];
      for (int j = 0; j < top.size(); j++) {
        topValues[i][j] = top.get(j).path(0).floatValue();
        topIds[i][j] = top.get(j).path(1).asInt();
      }
    }
    return new Logprobs(values, topIds, topValues);
  }
}
