package io.baton.engine.sampling;

/** An answer has come to where no token of the vocabulary can follow, and it may not end there. */
public final class DeadEndException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DeadEndException(String message) {
    super(message, null, false, false);
  }
}
