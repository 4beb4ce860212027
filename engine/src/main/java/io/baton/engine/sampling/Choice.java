package io.baton.engine.sampling;

/**
 * A chosen token.
 *
 * @param logprob its natural log-probability under the model's own distribution (before
 *     temperature, penalties and filters); NaN if none was asked for
 * @param topIds the most probable tokens, best first; empty if none were asked for
 * @param topLogprobs their log-probabilities
 */
public record Choice(int token, float logprob, int[] topIds, float[] topLogprobs) {
  private static final int[] NO_IDS = {};
  private static final float[] NO_LOGPROBS = {};

  static Choice of(int token) {
    return new Choice(token, Float.NaN, NO_IDS, NO_LOGPROBS);
  }
}
