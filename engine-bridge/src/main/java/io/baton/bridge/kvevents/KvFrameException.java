package io.baton.bridge.kvevents;

/** A message that is not what engines send; the reason is a metric label. */
final class KvFrameException extends Exception {
  /** What is wrong with a message. */
  enum Reason {
    /** Not msgpack, or cut short. */
    MALFORMED,
    /** Msgpack, but no batch of events. */
    NOT_A_BATCH,
    /** An event without a member that it must have, or with one of the wrong type. */
    BAD_EVENT,
    /** More hashes or tokens than any engine sends in one event. */
    TOO_LARGE
  }

  private final Reason reason;

  KvFrameException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }
}
