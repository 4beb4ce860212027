package io.baton.prompt;

/**
 * Turns the tokens of one answer into text as they come, in whole characters only. For one stream,
 * used by one thread at a time.
 */
public interface Detokenizer {
  /** The text that is certain after these tokens; perhaps nothing. */
  String append(int[] ids);

  /** What is left at the end: U+FFFD for a character that never became whole. */
  String flush();
}
