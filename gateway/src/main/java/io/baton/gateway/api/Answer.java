package io.baton.gateway.api;

import io.vertx.core.Future;

/**
 * How one request is answered. All methods on the request's own Vert.x context. Nothing is written
 * before the first text or the end is known, so a failure until then has its proper status.
 */
public interface Answer {
  /** The next piece of text. */
  void text(String piece);

  /**
   * The regular end.
   *
   * @return completes when all bytes are with the operating system
   */
  Future<Void> finish(String finishReason, AnswerUsage usage);

  /**
   * The other end: a status and OpenAI's envelope if nothing was written yet, an error frame
   * otherwise.
   */
  Future<Void> fail(ApiException error);

  /** Whether the status is out. */
  boolean committed();

  /** HTTP status that went out, or would go out now. */
  int status();

  /** Whether the client reads slower than we write; ask again after {@link #onWritable}. */
  boolean backlogged();

  /** Calls back once, when the backlog is gone. */
  void onWritable(Runnable callback);

  /**
   * Tokens of one answer.
   *
   * @param cachedTokens part of the prompt's tokens
   */
  record AnswerUsage(int promptTokens, int completionTokens, int cachedTokens) {}
}
