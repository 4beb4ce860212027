package io.baton.engine.model;

/** A checkpoint cannot be served. The message says which file, which value and what is expected. */
public final class ModelException extends Exception {
  public ModelException(String message) {
    super(message);
  }

  public ModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
