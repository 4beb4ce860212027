package io.baton.engine.cuda.driver;

import io.baton.engine.backend.BackendException;

/**
 * A CUDA function returned an error. If {@link #endsProcess} (CUDA speaks of a sticky error),
 * nothing on this device can be done in this process any more, whatever is tried: requests are to
 * be failed and the process is to end.
 */
public final class CudaException extends BackendException {
  private static final long serialVersionUID = 1;

  private final String message;
  private final int code;
  private final String name;
  private final String function;

  CudaException(int code, String name, String function, String message) {
    super(message, CudaErrors.endsProcess(name));
    this.message = message;
    this.code = code;
    this.name = name;
    this.function = function;
  }

  @Override
  public String getMessage() {
    return message;
  }

  /** The result code. */
  public int code() {
    return code;
  }

  /** Name of the code, e.g. {@code CUDA_ERROR_OUT_OF_MEMORY}. */
  public String name() {
    return name;
  }

  /** The function that returned it. */
  public String function() {
    return function;
  }

  /** Whether memory was asked for that is not there; nothing is broken then. */
  public boolean outOfMemory() {
    return name.equals(CudaErrors.OUT_OF_MEMORY);
  }
}
