package io.baton.transport;

import io.baton.proto.v1.Failed;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.OpenAiBytes;
import io.baton.proto.v1.Tokens;

/**
 * A worker's hand on one answer. Any thread, one at a time; never blocks. While the window is full
 * or the broker away, what is given is joined and waits. After the end further calls do nothing.
 */
public interface ReplyWriter {
  /** The request is taken; -1 if it is not known yet how much of the prompt is cached. */
  void accepted(int cachedTokens);

  /** The next tokens. What waits is bounded by the request's own limit of tokens. */
  void tokens(Tokens tokens);

  /**
   * The next bytes of an engine's answer.
   *
   * @return false if enough waits: stop until {@link #onWritable}'s callback
   */
  boolean openAi(OpenAiBytes bytes);

  /** Calls back whenever there is room again after {@link #openAi} said there is none. */
  void onWritable(Runnable callback);

  /** The regular end. */
  void finished(Finished finished);

  /** The other end. */
  void failed(Failed failed);
}
