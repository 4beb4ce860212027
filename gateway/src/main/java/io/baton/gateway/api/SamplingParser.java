package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.proto.v1.Sampling;

/** Reads the sampling parameters, OpenAI's and the usual extensions of vLLM and SGLang. */
final class SamplingParser {
  private SamplingParser() {}

  /** Without log-probabilities; whoever wants them sets {@code topLogprobs}. */
  static Sampling parse(Fields fields, SamplingDefaults defaults) throws ApiException {
    var sampling = Sampling.newBuilder();
    sampling.setTemperature((float) fields.number("temperature").orElse(defaults.temperature()));
    double topP = fields.number("top_p").orElse(defaults.topP());
    sampling.setTopP((float) topP);
    // -1 means off to vLLM and SGLang, 0 to others.
    int topK = Math.max(0, fields.integer("top_k").orElse(defaults.topK()));
    // A nucleus of nothing still holds the best token; on the wire 0 would mean that top_p is off.
    sampling.setTopK(topP == 0 ? 1 : topK);
    sampling.setMinP((float) fields.number("min_p").orElse(0));
    fields.anyLong("seed").ifPresent(sampling::setSeed);
    sampling.setRepetitionPenalty((float) fields.number("repetition_penalty").orElse(1));
    sampling.setPresencePenalty((float) fields.number("presence_penalty").orElse(0));
    sampling.setFrequencyPenalty((float) fields.number("frequency_penalty").orElse(0));
    sampling.setMinTokens(fields.integer("min_tokens").orElse(0));
    sampling.setTopLogprobs(-1);
    logitBias(fields, sampling);
    return sampling.build();
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
