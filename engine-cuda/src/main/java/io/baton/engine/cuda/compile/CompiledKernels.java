package io.baton.engine.cuda.compile;

import java.util.List;

/**
 * Code for one architecture.
 *
 * @param cubin to be loaded by {@link io.baton.engine.cuda.driver.CudaDevice#load}
 * @param log of the compiler, warnings and usage
 * @param cached whether it came from the disk
 * @param millis that getting it took
 */
public record CompiledKernels(byte[] cubin, String log, boolean cached, long millis) {

  /**
   * What each kernel needs. Empty where NVRTC answered from a cache of its own, which keeps no
   * logs.
   */
  public List<KernelUsage> usage() {
    return KernelUsage.parse(log);
  }
}
