package io.baton.prompt;

/**
 * Reads an answer's text as it comes and tells a sink what it says. What is said does not depend on
 * how the text is cut into pieces. For one answer, used by one thread at a time.
 */
public interface AnswerParser {
  /** Takes the next piece. */
  void accept(String text);

  /** Whether the text that comes next is the model's reasoning, as far as is known. */
  default boolean inReasoning() {
    return false;
  }

  /** The end of the text: what was held back is told. */
  void finish();
}
