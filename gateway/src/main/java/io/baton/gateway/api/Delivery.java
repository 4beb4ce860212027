package io.baton.gateway.api;

import io.vertx.core.Future;

/** The way of an answer to its client. All methods on the request's own Vert.x context. */
public interface Delivery {
  /**
   * The regular end.
   *
   * @return completes when all bytes are with the operating system
   */
  Future<Void> finish();

  /**
   * The end without an answer: a status and the surface's error envelope if nothing was written
   * yet, an error event otherwise.
   */
  Future<Void> fail(ApiException error);

  /**
   * Sends the head of an event stream and a comment although there is nothing to say yet, so that
   * nobody on the way takes silence for death. An answer that is not streamed does nothing.
   */
  void commit();

  /** Whether the status is out. */
  boolean committed();

  /** HTTP status that went out, or would go out now. */
  int status();

  /** Whether the client reads slower than we write; ask again after {@link #onWritable}. */
  boolean backlogged();

  /** Calls back once, when the backlog is gone. */
  void onWritable(Runnable callback);
}
