package io.baton.transport;

/** A request is larger than the broker's {@code max_payload}. */
public final class PayloadTooLargeException extends Exception {
  PayloadTooLargeException(long bytes, long limit) {
    super(
        "The request has "
            + bytes
            + " bytes on the wire; the broker takes at most "
            + limit
            + " (its max_payload). Shorten it.");
  }
}
