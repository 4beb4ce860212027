package io.baton.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.engine.model.ModelConfig.Family;
import io.baton.engine.model.ModelConfig.TiedHead;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Reads {@code config.json} in the styles of transformers 4 ({@code rope_theta}, {@code
 * rope_scaling}) and 5 ({@code rope_parameters}).
 */
final class ConfigReader {
  private final Path file;
  private final JsonNode json;

  ConfigReader(Path file, JsonNode json) {
    this.file = file;
    this.json = json;
  }

  ModelConfig read() throws ModelException {
    Family family = family();
    refuse("quantization_config", "weights in f32, f16 or bf16");
    requireText("hidden_act", "silu");
    int hidden = required("hidden_size");
    int heads = required("num_attention_heads");
    int kvHeads = optional("num_key_value_heads", heads);
    int headDim = optional("head_dim", hidden / heads);
    if (heads % kvHeads != 0) {
      throw wrong("num_key_value_heads", kvHeads, "a divisor of num_attention_heads " + heads);
    }
    if (headDim % 2 != 0) {
      throw wrong("head_dim", headDim, "an even number");
    }
    return new ModelConfig(
        family,
        required("vocab_size"),
        hidden,
        required("num_hidden_layers"),
        heads,
        kvHeads,
        headDim,
        required("intermediate_size"),
        (float) json.path("rms_norm_eps").asDouble(1e-6),
        family == Family.QWEN3,
        tiedHead(),
        maxPositions(),
        rope(headDim));
  }

  private Family family() throws ModelException {
    String type = json.path("model_type").asText("");
    for (Family family : Family.values()) {
      if (family.modelType().equals(type)) {
        return family;
      }
    }
    String served =
        Arrays.stream(Family.values()).map(Family::modelType).collect(Collectors.joining(", "));
    throw wrong("model_type", type, "one of " + served);
  }

  private TiedHead tiedHead() {
    JsonNode tied = json.path("tie_word_embeddings");
    if (!tied.isBoolean()) {
      return TiedHead.BY_TENSORS;
    }
    return tied.asBoolean() ? TiedHead.YES : TiedHead.NO;
  }

  /** Within the sliding window full attention is the same thing; beyond it we would be wrong. */
  private int maxPositions() throws ModelException {
    int positions = optional("max_position_embeddings", 2048);
    boolean slides = json.path("use_sliding_window").asBoolean(true);
    int window = slides ? optional("sliding_window", positions) : positions;
    return Math.min(positions, window);
  }

  private Rope rope(int headDim) throws ModelException {
    boolean newStyle = json.path("rope_parameters").isObject();
    String key = newStyle ? "rope_parameters" : "rope_scaling";
    JsonNode parameters = json.path(key);
    double theta = parameters.path("rope_theta").asDouble(json.path("rope_theta").asDouble(10_000));
    double partial =
        parameters
            .path("partial_rotary_factor")
            .asDouble(json.path("partial_rotary_factor").asDouble(1));
    if (partial != 1) {
      throw wrong("partial_rotary_factor", partial, "1: rotation of whole heads");
    }
    Rope plain = Rope.unscaled(theta, headDim);
    String type = parameters.path("rope_type").asText(parameters.path("type").asText("default"));
    return switch (type) {
      case "default" -> plain;
      case "linear" -> plain.linear(number(key, parameters, "factor"));
      case "llama3" ->
          plain.llama3(
              number(key, parameters, "factor"),
              number(key, parameters, "low_freq_factor"),
              number(key, parameters, "high_freq_factor"),
              number(key, parameters, "original_max_position_embeddings"));
      default -> throw wrong(key + ".rope_type", type, "one of default, linear, llama3");
    };
  }

  private double number(String key, JsonNode object, String field) throws ModelException {
    JsonNode value = object.path(field);
    if (!value.isNumber()) {
      throw wrong(key + "." + field, value.isMissingNode() ? "absent" : value, "a number");
    }
    return value.asDouble();
  }

  private int required(String key) throws ModelException {
    int value = optional(key, 0);
    if (value < 1) {
      throw wrong(key, json.has(key) ? json.get(key) : "absent", "a positive whole number");
    }
    return value;
  }

  private int optional(String key, int otherwise) throws ModelException {
    JsonNode value = json.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isInt() || value.asInt() < 0) {
      throw wrong(key, value, "a positive whole number");
    }
    return value.asInt();
  }

  private void requireText(String key, String expected) throws ModelException {
    String value = json.path(key).asText(expected);
    if (!value.equals(expected)) {
      throw wrong(key, value, expected);
    }
  }

  private void refuse(String key, String expected) throws ModelException {
    if (json.hasNonNull(key)) {
      throw wrong(key, json.get(key), expected);
    }
  }

  private ModelException wrong(String key, Object value, String expected) {
    return new ModelException(file + ": " + key + ": " + value + " (expected: " + expected + ")");
  }
}
