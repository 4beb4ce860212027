package io.baton.bridge.vllm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.baton.bridge.Constraint;
import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.bridge.server.ServerFacts;
import io.baton.bridge.tokens.TokenDialect;
import io.baton.telemetry.slices.TraceHeader;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** vLLM's completions with token ids in the prompt and in the answer. */
public final class VllmTokens implements TokenDialect {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOKEN_ID = "token_id:";

  @Override
  public String path() {
    return "/v1/completions";
  }

  @Override
  public byte[] body(
      TokenRequest request, String rid, @Nullable TraceHeader trace, ServerFacts facts) {
    ObjectNode body = JSON.createObjectNode();
    if (!facts.card().models().isEmpty()) {
      body.put(
          "model", request.lora().isEmpty() ? facts.card().models().getFirst() : request.lora());
    }
    var ids = body.putArray("prompt");
    for (int id : request.tokenIds()) {
      ids.add(id);
    }
    sampling(request, body);
    if (!request.cacheSalt().isEmpty()) {
      body.put("cache_salt", request.cacheSalt());
    }
    if (request.priority() != 0) {
      // vLLM serves the lowest first.
      body.put("priority", -request.priority());
    }
    if (request.leg() == Leg.PREFILL) {
      body.put("stream", false).put("max_tokens", 1).remove("min_tokens");
      body.putRawValue("kv_transfer_params", new RawValue(VllmDialect.REMOTE_DECODE));
    } else {
      body.put("stream", true).put("return_token_ids", true);
      body.putObject("stream_options").put("include_usage", true);
      request
          .handoff()
          .filter(handoff -> handoff.parameters().length > 0)
          .ifPresent(handoff ->
              body.putRawValue(
                  "kv_transfer_params",
                  new RawValue(new String(handoff.parameters(), StandardCharsets.UTF_8))));
    }
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void sampling(TokenRequest request, ObjectNode body) {
    Sampling sampling = request.sampling();
    body.put("max_tokens", request.maxTokens())
        .put("temperature", sampling.temperature())
        .put("top_k", sampling.topK())
        .put("top_p", sampling.topP())
        .put("min_p", sampling.minP())
        .put("repetition_penalty", sampling.repetitionPenalty())
        .put("presence_penalty", sampling.presencePenalty())
        .put("frequency_penalty", sampling.frequencyPenalty())
        .put("min_tokens", sampling.minTokens())
        .put("ignore_eos", request.ignoreEos())
        .put("skip_special_tokens", false);
    sampling.seed().ifPresent(seed -> body.put("seed", seed));
    request.constraint().ifPresent(constraint -> constrain(constraint, body));
    if (request.stopTokenIds().length > 0) {
      var stops = body.putArray("stop_token_ids");
      for (int id : request.stopTokenIds()) {
        stops.add(id);
      }
    }
    if (!sampling.logitBias().isEmpty()) {
      var bias = body.putObject("logit_bias");
      sampling.logitBias().forEach((id, value) -> bias.put(Integer.toString(id), value));
    }
    if (sampling.topLogprobs() >= 0) {
      body.put("logprobs", sampling.topLogprobs()).put("return_tokens_as_token_ids", true);
    }
  }

  private static void constrain(Constraint constraint, ObjectNode body) {
    var outputs = body.putObject("structured_outputs");
    switch (constraint.kind()) {
      case JSON_SCHEMA -> outputs.putRawValue("json", new RawValue(constraint.text()));
      case REGEX -> outputs.put("regex", constraint.text());
      case GRAMMAR -> outputs.put("grammar", constraint.text());
    }
  }

  @Override
  public Piece read(JsonNode event, int told) {
    JsonNode choice = event.path("choices").path(0);
    JsonNode given = choice.path("token_ids");
    int[] ids = new int[given.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = given.get(i).asInt();
    }
    return new Piece(ids, logprobs(choice.path("logprobs"), ids.length), end(choice, ids));
  }

  /** No stop strings are sent, so what stopped it is its last token. */
  private static @Nullable End end(JsonNode choice, int[] ids) {
    return switch (choice.path("finish_reason").asText("null")) {
      case "null", "" -> null;
      case "stop" -> new End(false, ids.length == 0 ? -1 : ids[ids.length - 1], "");
      case "length" -> new End(true, -1, "");
      default ->
          new End(false, -1, "the engine ended it: " + choice.path("finish_reason").asText());
    };
  }

  private static @Nullable Logprobs logprobs(JsonNode given, int count) {
    JsonNode chosen = given.path("token_logprobs");
    if (!chosen.isArray() || chosen.size() != count || count == 0) {
      return null;
    }
    float[] values = new float[count];
    int[][] topIds = new int[count][];
    float[][] topValues = new float[count][];
    for (int i = 0; i < count; i++) {
      values[i] = chosen.get(i).floatValue();
      var top =
          given.path("top_logprobs").path(i).properties().stream()
              .filter(entry -> entry.getKey().startsWith(TOKEN_ID))
              .sorted(
                  Comparator.comparingDouble(
                      (Map.Entry<String, JsonNode> e) -> -e.getValue().asDouble()))
              .toList();
      topIds[i] = top.stream().mapToInt(e -> id(e.getKey())).toArray();
      topValues[i] = new float[top.size()];
      for (int j = 0; j < top.size(); j++) {
        topValues[i][j] = top.get(j).getValue().floatValue();
      }
    }
    return new Logprobs(values, topIds, topValues);
  }

  private static int id(String token) {
    return Integer.parseInt(token.substring(TOKEN_ID.length()));
  }
}
