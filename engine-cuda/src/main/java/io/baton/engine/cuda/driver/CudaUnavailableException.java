package io.baton.engine.cuda.driver;

/**
 * CUDA cannot be used on this machine as it is. The message says what is missing and what to do.
 */
public final class CudaUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CudaUnavailableException(String message) {
    super(message);
  }

  public CudaUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
