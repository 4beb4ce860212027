package io.baton.gateway.relay;

import io.baton.gateway.api.ApiException;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.OpenAiBytes;
import io.baton.proto.v1.Tokens;
import io.vertx.core.Future;

/** Turns what the answering leg sends into what the client reads. On the request's context only. */
interface AnswerFeed {
  /** In the {@code tokens} form. */
  void tokens(Tokens tokens);

  /** In the {@code openai} form. */
  void openAi(OpenAiBytes bytes);

  /** Whether the answer is complete although the engine goes on: a stop string was found. */
  boolean complete();

  /** The regular end; completes when all bytes are with the operating system. */
  Future<Void> finish(Finished finished);

  /** The other end. */
  Future<Void> fail(ApiException error);

  /** Whether the client has seen anything, so that another attempt is out of the question. */
  boolean committed();

  /** HTTP status that went out. */
  int status();

  /** Tokens or chunks received. */
  int received();

  boolean backlogged();

  void onWritable(Runnable callback);
}
