package io.baton.engine.sampling;

/**
 * Says which tokens may come next, e.g. so that the answer follows a grammar. Must be a function of
 * its arguments: the engine may ask again for an earlier point of the answer.
 */
@FunctionalInterface
public interface TokenMask {
  /**
   * Marks the allowed tokens.
   *
   * @param tokens prompt and answer
   * @param answerFrom index of the answer's first token
   * @param length tokens so far
   * @param allowed bit {@code t % 64} of element {@code t / 64} is token t; all zero at the call;
   *     at least one bit must be set on return
   * @throws DeadEndException if no token can come and the answer may not end
   */
  void allow(int[] tokens, int answerFrom, int length, long[] allowed);
}
