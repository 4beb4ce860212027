package io.baton.gateway.api;

import java.util.List;

/** The next piece of one choice of an answer, whatever the surface writes it as. */
public sealed interface Delta {
  /**
   * Visible text.
   *
   * @param text whole characters; may be empty if there are log-probabilities
   * @param logprobs of the tokens of this text, if they were asked for
   */
  record Text(String text, List<TokenLogprob> logprobs) implements Delta {
    public Text(String text) {
      this(text, List.of());
    }
  }

  /** What the model thinks before it answers. */
  record Reasoning(String text) implements Delta {}

  /**
   * A tool call begins.
   *
   * @param index 0, 1, 2 ... within its choice
   * @param id unique
   */
  record CallBegin(int index, String id, String name) implements Delta {}

  /** The next piece of the JSON text of a call's arguments. */
  record CallArguments(int index, String json) implements Delta {}
}
