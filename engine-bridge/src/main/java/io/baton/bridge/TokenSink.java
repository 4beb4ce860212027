package io.baton.bridge;

import org.jspecify.annotations.Nullable;

/**
 * Hears of one request. Called on the engine's threads, one call at a time; must not block and must
 * not throw: the engine never waits for a client.
 */
public interface TokenSink {
  /**
   * The request is in the engine's hands.
   *
   * @param cachedTokens prompt tokens whose KV is there already; -1 if not known yet
   */
  void onAccepted(int cachedTokens);

  /**
   * The next tokens of the prompt, from its second on, where it is to be scored; all of them come
   * before the answer's. Engines that do not score prompts never call it.
   *
   * @param logprobs one entry per token
   */
  default void onPrompt(int[] ids, Logprobs logprobs) {}

  /**
   * The next tokens of the answer.
   *
   * @param ids at least one token; an end token that stopped the answer is not among them
   * @param logprobs one entry per token, or null if none were asked for
   */
  void onTokens(int[] ids, @Nullable Logprobs logprobs);

  /**
   * What the decode leg needs to find this prefill leg's KV; comes before the end, from engines
   * that hand over by parameters.
   */
  void onHandoff(byte[] parameters);

  /** The end, for requests that ran. */
  void onFinished(Finish finish);

  /** The end, for requests that could not run. */
  void onFailed(EngineException error);

  /**
   * Log-probabilities of some tokens.
   *
   * @param chosen natural log-probability of each token
   * @param topIds per token the most probable ids, best first; empty arrays if none were asked for
   * @param topLogprobs their natural log-probabilities
   */
  record Logprobs(float[] chosen, int[][] topIds, float[][] topLogprobs) {}
}
