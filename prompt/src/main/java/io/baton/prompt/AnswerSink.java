package io.baton.prompt;

/** Hears what an answer's text says. Calls come in the order of the text. */
public interface AnswerSink {
  /** Text for the reader. */
  void content(String text);

  /** Text that the model wrote to itself before it answers. */
  void reasoning(String text);

  /**
   * A tool call begins.
   *
   * @param id as the model gave it; empty if it gave none
   */
  void callBegin(String id, String name);

  /** The next piece of the current call's arguments, as JSON text. */
  void callArguments(String json);

  /** The current call is complete. */
  void callEnd();
}
