package io.baton.transport;

/** No broker could be reached; the message says where it was looked for and how to get one. */
public final class BrokerUnavailableException extends Exception {
  BrokerUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
