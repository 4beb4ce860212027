package io.baton.engine.backend;

/** The logits that the last step was asked for, by their index in its batch. One thread. */
public interface Logits {

  /** Token ids are in {@code [0, vocabSize)}. */
  int vocabSize();

  /**
   * The token with the largest logit, the smallest id of equals.
   *
   * @param index which of the logit rows that the last step asked for
   */
  int argmax(int index);

  /**
   * Copies a row of logits of the last step; {@code into} has at least {@code vocabSize} places.
   */
  void logits(int index, float[] into);

  /** Whether {@link #argmax} is the answer whatever the sampling parameters say. */
  boolean decidesTokens();

  /** Whether {@link #draw} does anything. */
  default boolean canDraw() {
    return false;
  }

  /**
   * Chooses tokens from the logits of the last step, where they lie. What it cannot decide it
   * leaves {@link Draws#UNDECIDED}.
   */
  default void draw(Draws draws) {}
}
