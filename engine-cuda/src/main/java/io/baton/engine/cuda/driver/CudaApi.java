package io.baton.engine.cuda.driver;

/**
 * The functions that the engine uses of CUDA, as longs and ints: handles, device addresses and
 * native addresses are longs, sizes are bytes. Each function returns what the C function of the
 * same name returns (0: success) and writes results to the addresses that the caller supplies.
 *
 * <p>Implementations are safe for use by several threads, as CUDA is. Which context a call works on
 * is a property of the calling thread ({@link CudaDevice#makeCurrent}).
 */
public interface CudaApi {

  /** Name of the binding: {@code ffm}, {@code bytedeco}, or that of a stand-in for tests. */
  String binding();

  /**
   * Devices, contexts, memory.
   *
   * @throws CudaUnavailableException if the driver's library is not there; says what to do
   */
  DriverApi driver();

  /**
   * Streams, events, kernels, graphs: of the same library as {@link #driver}.
   *
   * @throws CudaUnavailableException if the driver's library is not there
   */
  LaunchApi launches();

  /**
   * The run-time compiler. Works without a driver.
   *
   * @throws CudaUnavailableException if its library is not there
   */
  NvrtcApi nvrtc();

  /**
   * Matrix products.
   *
   * @throws CudaUnavailableException if its library is not there
   */
  CublasLtApi cublasLt();
}
