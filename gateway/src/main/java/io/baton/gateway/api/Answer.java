package io.baton.gateway.api;

import org.jspecify.annotations.Nullable;

/**
 * How one request is answered with text: one or more choices, each a row of {@link Delta}s and an
 * {@link Ending}. Nothing is written before the first delta or the end is known, so a failure until
 * then has its proper status.
 */
public interface Answer extends Delivery {
  /** The next piece of one choice. */
  void add(int choice, Delta delta);

  /** Forgets what an attempt that failed has left of a choice; only while nothing of it is out. */
  void restart(int choice);

  /** The regular end of one choice; {@link #finish} follows when all have ended. */
  void end(int choice, Ending ending);

  /** Why a choice ended. */
  enum Reason {
    /** The model ended it, or a stop string was found. */
    STOP("stop"),
    /** The limit of tokens was reached. */
    LENGTH("length"),
    /** It ends with calls of tools. */
    TOOL_CALLS("tool_calls");

    private final String word;

    Reason(String word) {
      this.word = word;
    }

    /** In OpenAI's words. */
    public String word() {
      return word;
    }
  }

  /**
   * The end of one choice.
   *
   * @param stopString the stop string that ended it, if one did
   */
  record Ending(Reason reason, @Nullable String stopString, AnswerUsage usage) {}

  /**
   * Tokens of one answer, or of one choice.
   *
   * @param cachedTokens part of the prompt's tokens
   * @param reasoningTokens part of the completion's tokens
   */
  record AnswerUsage(
      int promptTokens, int completionTokens, int cachedTokens, int reasoningTokens) {
    /** Nothing yet. */
    public static final AnswerUsage NONE = new AnswerUsage(0, 0, 0, 0);

    AnswerUsage plus(AnswerUsage more) {
      return new AnswerUsage(
          promptTokens + more.promptTokens,
          completionTokens + more.completionTokens,
          cachedTokens + more.cachedTokens,
          reasoningTokens + more.reasoningTokens);
    }
  }
}
