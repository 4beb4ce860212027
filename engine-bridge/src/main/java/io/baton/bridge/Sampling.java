package io.baton.bridge;

import java.util.Map;
import java.util.OptionalLong;

/**
 * How the next token is chosen. Values outside their range are the gateway's to refuse.
 *
 * @param temperature 0 means greedy
 * @param topK 0 means off
 * @param topP in (0, 1]; 1 means off
 * @param minP in [0, 1]; 0 means off
 * @param seed same seed and prompt, same answer, whatever else is in the batch; empty: random
 * @param repetitionPenalty above 0; 1 means off
 * @param presencePenalty 0 means off
 * @param frequencyPenalty 0 means off
 * @param logitBias added to the logits of these tokens
 * @param minTokens no end token before this many tokens
 * @param topLogprobs -1: no log-probabilities; 0: the chosen token's; n: the n best beside it
 * @param scorePrompt whether the prompt's tokens get log-probabilities too; only with topLogprobs
 */
public record Sampling(
    float temperature,
    int topK,
    float topP,
    float minP,
    OptionalLong seed,
    float repetitionPenalty,
    float presencePenalty,
    float frequencyPenalty,
    Map<Integer, Float> logitBias,
    int minTokens,
    int topLogprobs,
    boolean scorePrompt) {

  /** Of a request whose prompt is not scored. */
  public Sampling(
      float temperature,
      int topK,
      float topP,
      float minP,
      OptionalLong seed,
      float repetitionPenalty,
      float presencePenalty,
      float frequencyPenalty,
      Map<Integer, Float> logitBias,
      int minTokens,
      int topLogprobs) {
    this(
        temperature,
        topK,
        topP,
        minP,
        seed,
        repetitionPenalty,
        presencePenalty,
        frequencyPenalty,
        logitBias,
        minTokens,
        topLogprobs,
        false);
  }

  /** The most probable token, always. */
  public static final Sampling GREEDY =
      new Sampling(0, 0, 1, 0, OptionalLong.empty(), 1, 0, 0, Map.of(), 0, -1);
}
