package io.baton.engine.cuda.check;

/** A check could not run here; the message says why. */
public final class SkippedException extends Exception {
  private static final long serialVersionUID = 1;

  public SkippedException(String reason) {
    super(reason);
  }
}
