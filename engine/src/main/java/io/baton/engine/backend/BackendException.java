package io.baton.engine.backend;

/**
 * A backend could not do what it was told. The engine over it has ended when it is thrown in a
 * step.
 */
public class BackendException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean endsProcess;

  /**
   * A failure with a message for people.
   *
   * @param endsProcess whether only a new process can compute again: what the backend computes with
   *     is lost to this one
   */
  public BackendException(String message, boolean endsProcess) {
    super(message);
    this.endsProcess = endsProcess;
  }

  /** Whether only a new process can compute again. */
  public boolean endsProcess() {
    return endsProcess;
  }
}
