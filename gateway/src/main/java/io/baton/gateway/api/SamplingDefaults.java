package io.baton.gateway.api;

/**
 * What a model's makers recommend, from its {@code generation_config.json}.
 *
 * @param temperature 0 means greedy
 * @param topP 1 means off
 * @param topK 0 means off
 */
public record SamplingDefaults(double temperature, double topP, int topK) {
  /** OpenAI's own defaults, for models that recommend nothing. */
  public static final SamplingDefaults OPENAI = new SamplingDefaults(1, 1, 0);
}
