package io.baton.engine.cuda.driver;

import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.javacpp.Loader;

/**
 * CUDA by {@code org.bytedeco:cuda}. Its natives want the libraries of one CUDA version; a function
 * that these lack ends the JVM when it is called.
 */
final class BytedecoCudaApi implements CudaApi {
  /** CUDA version of the presets: 13010 for 13.1. */
  static final int VERSION = cudart.CUDA_VERSION;

  private final DriverApi driver = new BytedecoDriver();
  private final LaunchApi launches = new BytedecoLaunches();
  private final NvrtcApi nvrtc = new BytedecoNvrtc();
  private final CublasLtApi cublasLt = new BytedecoCublasLt();

  @Override
  public String binding() {
    return "bytedeco";
  }

  @Override
  public DriverApi driver() {
    load(cudart.class);
    return driver;
  }

  @Override
  public LaunchApi launches() {
    load(cudart.class);
    return launches;
  }

  @Override
  public NvrtcApi nvrtc() {
    load(nvrtc.class);
    return nvrtc;
  }

  @Override
  public CublasLtApi cublasLt() {
    load(cublas.class);
    return cublasLt;
  }

  private static void load(Class<?> preset) {
    try {
      String loaded = Loader.load(preset);
      if (loaded == null) {
        throw new CudaUnavailableException(
            "binding bytedeco: " + preset.getSimpleName() + " has no native code here");
      }
    } catch (LinkageError e) {
      throw new CudaUnavailableException(
          "binding bytedeco: natives of %s for CUDA %d.%d cannot be loaded (%s). To do: install CUDA %d.%d and the driver, or use binding ffm"
              .formatted(
                  preset.getSimpleName(),
                  VERSION / 1000,
                  VERSION % 1000 / 10,
                  e.getMessage(),
                  VERSION / 1000,
                  VERSION % 1000 / 10),
          e);
    }
  }
}
