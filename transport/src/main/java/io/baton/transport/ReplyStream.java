package io.baton.transport;

/** A gateway's hand on one request. Any thread; nothing blocks; all of it may be repeated. */
public interface ReplyStream {
  /** All chunks up to this one are done with: the worker may send more. */
  void acknowledge(int sequence);

  /**
   * Tells the worker to stop. The stream still ends by its last chunk, a loss, or {@link #forget}.
   */
  void cancel(String reason);

  /** Wants to hear no more; late chunks are dropped and counted. */
  void forget();
}
