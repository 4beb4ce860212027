package io.baton.engine.cuda.driver;

/** The first call to the driver, where most of what can be wrong with a machine shows. */
final class Availability {
  private static final String NO_DEVICE = "CUDA_ERROR_NO_DEVICE";

  private Availability() {}

  /**
   * Calls {@code cuInit}.
   *
   * @throws CudaUnavailableException if it fails; the message says what to do
   */
  static void initialise(CudaApi api, Calls calls) {
    int code = api.driver().cuInit(0);
    if (code == 0) {
      return;
    }
    CudaException failure = calls.failure("cuInit", "", code);
    String visible = System.getenv("CUDA_VISIBLE_DEVICES");
    String hint =
        failure.name().equals(NO_DEVICE) && visible != null
            ? " (CUDA_VISIBLE_DEVICES is \"" + visible + "\")"
            : "";
    throw new CudaUnavailableException(failure.getMessage() + hint, failure);
  }
}
