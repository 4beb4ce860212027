package io.baton.engine;

/** An engine could not start. The message says what, where it was read and what was expected. */
public final class EngineStartException extends Exception {
  public EngineStartException(String message) {
    super(message);
  }

  public EngineStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
