package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.proto.v1.Sampling;
import java.util.Set;

/** Reads the sampling parameters, OpenAI's and the usual extensions of vLLM and SGLang. */
final class SamplingParser {
  /** Known to clients, not done by the {@code tokens} form yet: refused rather than ignored. */
  private static final Set<String> UNSUPPORTED_IF_SET =
      Set.of("logprobs", "top_logprobs", "echo", "suffix", "tools", "functions", "prompt_logprobs");

  private SamplingParser() {}

  static Sampling parse(Fields fields, SamplingDefaults defaults) throws ApiException {
    refuseUnsupported(fields);
    var sampling = Sampling.newBuilder();
    sampling.setTemperature(
        (float) fields.number("temperature", 0, 2).orElse(defaults.temperature()));
    double topP = fields.number("top_p", 0, 1).orElse(defaults.topP());
    sampling.setTopP((float) topP);
    // -1 means off to vLLM and SGLang, 0 to others.
    int topK = Math.max(0, fields.integer("top_k", -1, 1_000_000).orElse(defaults.topK()));
    // A nucleus of nothing still holds the best token; on the wire 0 would mean that top_p is off.
    sampling.setTopK(topP == 0 ? 1 : topK);
    sampling.setMinP((float) fields.number("min_p", 0, 1).orElse(0));
    fields.anyLong("seed").ifPresent(sampling::setSeed);
    sampling.setRepetitionPenalty((float) fields.number("repetition_penalty", 0.01, 10).orElse(1));
    sampling.setPresencePenalty((float) fields.number("presence_penalty", -2, 2).orElse(0));
    sampling.setFrequencyPenalty((float) fields.number("frequency_penalty", -2, 2).orElse(0));
    sampling.setMinTokens(fields.integer("min_tokens", 0, Integer.MAX_VALUE).orElse(0));
    sampling.setTopLogprobs(-1);
    logitBias(fields, sampling);
    return sampling.build();
  }

  private static void refuseUnsupported(Fields fields) throws ApiException {
    for (String name : UNSUPPORTED_IF_SET) {
      if (isSet(fields.node(name))) {
        throw ApiException.unsupported(
            name, name + ": not supported for this model (expected: absent)");
      }
    }
    for (String name : new String[] {"n", "best_of"}) {
      if (fields.integer(name, 1, 128).orElse(1) > 1) {
        throw ApiException.unsupported(name, name + ": more than 1 is not supported (expected: 1)");
      }
    }
    JsonNode format = fields.node("response_format");
    if (!format.isMissingNode() && !format.path("type").asText("").equals("text")) {
      throw ApiException.unsupported(
          "response_format", "response_format: " + format.path("type") + " (expected: text)");
    }
  }

  /** {@code false}, {@code 0} and empty lists ask for nothing. */
  private static boolean isSet(JsonNode node) {
    boolean empty = node.isContainerNode() && node.isEmpty();
    boolean off =
        (node.isBoolean() && !node.booleanValue()) || (node.isNumber() && node.intValue() == 0);
    return !node.isMissingNode() && !empty && !off;
  }

  private static void logitBias(Fields fields, Sampling.Builder sampling) throws ApiException {
    JsonNode node = fields.node("logit_bias");
    if (node.isMissingNode()) {
      return;
    }
    if (!node.isObject()) {
      throw fields.wrong("logit_bias", node, "an object of token ids with numbers");
    }
    for (var entry : node.properties()) {
      double bias = entry.getValue().doubleValue();
      boolean isId = entry.getKey().matches("[0-9]{1,9}");
      if (!isId || !entry.getValue().isNumber() || bias < -100 || bias > 100) {
        throw ApiException.invalid(
            "logit_bias",
            "logit_bias: \""
                + entry.getKey()
                + "\": "
                + entry.getValue()
                + " (expected: token ids with numbers from -100 to 100)");
      }
      sampling.putLogitBias(Integer.parseInt(entry.getKey()), (float) bias);
    }
  }
}
