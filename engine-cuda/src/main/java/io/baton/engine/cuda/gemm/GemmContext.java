package io.baton.engine.cuda.gemm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.baton.engine.cuda.compile.KernelCache;
import io.baton.engine.cuda.driver.CublasLtApi;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.DeviceMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** cuBLASLt's handle on a device, with a workspace. One stream at a time may use it. */
public final class GemmContext implements AutoCloseable {
  static final long WORKSPACE_BYTES = 32L << 20;

  private final CudaDevice device;
  private final Optional<KernelCache> cache;
  private final CublasLtApi api;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment one = arena.allocate(JAVA_FLOAT);
  private final MemorySegment zero = arena.allocate(JAVA_FLOAT);
  private final long handle;
  private final DeviceMemory workspace;

  /** Takes 32 MiB of the device, and some for the library. Choices of algorithms are not kept. */
  public GemmContext(CudaDevice device) {
    this(device, Optional.empty());
  }

  /**
   * Takes 32 MiB of the device, and some for the library.
   *
   * @param cache where choices of algorithms are kept
   */
  public GemmContext(CudaDevice device, Optional<KernelCache> cache) {
    this.device = device;
    this.cache = cache;
    this.api = device.api().cublasLt();
    one.set(JAVA_FLOAT, 0, 1f);
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment out = scratch.allocate(JAVA_LONG);
      check("cublasLtCreate", "on " + device, api.cublasLtCreate(out.address()));
      handle = out.get(JAVA_LONG, 0);
    }
    workspace = device.allocate(WORKSPACE_BYTES, "matrix products");
  }

  /** Version, e.g. 130100. */
  public long version() {
    return api.cublasLtGetVersion();
  }

  CudaDevice device() {
    return device;
  }

  Optional<KernelCache> cache() {
    return cache;
  }

  CublasLtApi api() {
    return api;
  }

  long handle() {
    return handle;
  }

  long one() {
    return one.address();
  }

  long zero() {
    return zero.address();
  }

  long workspace() {
    return workspace.address();
  }

  static void check(String function, String details, int status) {
    if (status != 0) {
      throw new GemmException(function, details, status);
    }
  }

  /** The products made with it must be closed before. */
  @Override
  public void close() {
    workspace.close();
    check("cublasLtDestroy", "on " + device, api.cublasLtDestroy(handle));
    arena.close();
  }
}
