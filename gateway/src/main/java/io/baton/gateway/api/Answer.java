package io.baton.gateway.api;

import io.vertx.core.Future;

/**
 * How one request is answered with text. Nothing is written before the first text or the end is
 * known, so a failure until then has its proper status.
 */
public interface Answer extends Delivery {
  /** The next piece of text. */
  void text(String piece);

  /**
   * The regular end.
   *
   * @return completes when all bytes are with the operating system
   */
  Future<Void> finish(String finishReason, AnswerUsage usage);

  /**
   * Tokens of one answer.
   *
   * @param cachedTokens part of the prompt's tokens
   */
  record AnswerUsage(int promptTokens, int completionTokens, int cachedTokens) {}
}
