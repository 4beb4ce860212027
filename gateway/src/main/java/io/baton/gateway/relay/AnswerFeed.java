package io.baton.gateway.relay;

import io.baton.gateway.api.Delivery;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.OpenAiBytes;
import io.baton.proto.v1.Tokens;
import java.util.Optional;

/**
 * Turns what the answering leg sends into what the client reads: one choice. On the request's
 * context only.
 */
interface AnswerFeed {
  /** In the {@code tokens} form. */
  void tokens(Tokens tokens);

  /** In the {@code openai} form. */
  void openAi(OpenAiBytes bytes);

  /** Whether the choice is complete although the engine goes on: a stop string was found. */
  boolean complete();

  /** The regular end of the choice. */
  void finish(Finished finished);

  /** Tokens or chunks received. */
  int received();

  /**
   * All tokens received, so that another worker can go on after them; empty in a form that cannot
   * be continued.
   */
  Optional<int[]> soFar();

  /** The way to the client. */
  Delivery delivery();
}
