package io.baton.transport;

/**
 * Why a stream ended without the worker's last word.
 *
 * @param detail for people
 */
public record Loss(Cause cause, String detail) {
  /** What was lost. */
  public enum Cause {
    /** Nobody listens for this worker's requests: it is gone, and it has not begun. */
    NO_RESPONDERS,
    /** The worker died in mid-stream. */
    WORKER_DIED,
    /** Another life of the worker has begun. */
    WORKER_RESTARTED,
    /** The request could not even be sent. */
    BROKER_UNAVAILABLE,
    /** The connection's queue was full, so the request was not sent. */
    OUTGOING_QUEUE_FULL,
    /** The worker does not know the request (any more): it cannot be resumed. */
    STREAM_BROKEN
  }
}
