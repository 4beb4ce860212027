package io.baton.engine.cuda.gemm;

import io.baton.engine.backend.BackendException;

/** cuBLASLt refused. */
public final class GemmException extends BackendException {
  private static final long serialVersionUID = 1;

  GemmException(String function, String details, int status) {
    super(
        "%s (%s) failed: status %d (%s)".formatted(function, details, status, meaning(status)),
        false);
  }

  private static String meaning(int status) {
    return switch (status) {
      case 1 -> "not initialised; often no memory of the device is left";
      case 3 -> "no memory";
      case 7 -> "a value is not possible, such as a workspace too small for the algorithm";
      case 8 -> "the device lacks a feature";
      case 13 -> "a kernel could not run";
      case 14 -> "internal error";
      case 15 -> "not supported";
      default -> "see cublasStatus_t";
    };
  }
}
