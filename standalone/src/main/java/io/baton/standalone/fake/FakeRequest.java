package io.baton.standalone.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.prompt.PromptFormat;
import io.baton.prompt.template.TemplateException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** From the engines' bodies to requests of the simulated engine. */
final class FakeRequest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private FakeRequest() {}

  /** What is wrong with a body; becomes a 400. */
  static final class BadRequestException extends Exception {
    BadRequestException(String message) {
      super(message);
    }
  }

  /** Token ids of a body's messages, prompt or input_ids. */
  static int[] tokens(JsonNode body, PromptFormat format) throws BadRequestException {
    JsonNode ids = body.has("input_ids") ? body.path("input_ids") : body.path("prompt");
    int[] tokens;
    if (ids.isArray()) {
      tokens = new int[ids.size()];
      for (int i = 0; i < tokens.length; i++) {
        tokens[i] = ids.get(i).asInt();
      }
    } else if (ids.isTextual() || body.path("text").isTextual()) {
      tokens = format.encodeRaw(ids.isTextual() ? ids.asText() : body.path("text").asText());
    } else {
      tokens = chat(body.path("messages"), format);
    }
    if (tokens.length == 0) {
      throw new BadRequestException("no prompt in the body");
    }
    return tokens;
  }

  private static int[] chat(JsonNode messages, PromptFormat format) throws BadRequestException {
    if (!messages.isArray() || messages.isEmpty()) {
      throw new BadRequestException("messages: Field required");
    }
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> list = JSON.convertValue(messages, List.class);
    try {
      return format.encode(format.render(list));
    } catch (TemplateException e) {
      throw new BadRequestException(String.valueOf(e.getMessage()));
    }
  }

  static TokenRequest of(
      Leg leg,
      int[] tokens,
      JsonNode sampling,
      int maxTokens,
      String salt,
      Optional<Handoff> handoff) {
    return new TokenRequest(
        leg,
        tokens,
        new Sampling(
            (float) sampling.path("temperature").asDouble(0),
            0,
            1,
            0,
            OptionalLong.empty(),
            1,
            0,
            0,
            Map.of(),
            0,
            -1),
        maxTokens,
        new int[0],
        sampling.path("ignore_eos").asBoolean(false),
        salt,
        "",
        0,
        handoff);
  }
}
