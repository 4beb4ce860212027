package io.baton.engine.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;

/** Kernels that are loaded on a device. */
public final class CudaModule implements AutoCloseable {
  private final CudaDevice device;
  private final long handle;
  private boolean closed;

  private CudaModule(CudaDevice device, long handle) {
    this.device = device;
    this.handle = handle;
  }

  static CudaModule load(CudaDevice device, byte[] cubin) {
    try (Arena arena = Arena.ofConfined()) {
      long image = arena.allocateFrom(JAVA_BYTE, cubin).address();
      long handle =
          device
              .calls()
              .longFrom(
                  "cuModuleLoadData", out -> device.api().launches().cuModuleLoadData(out, image));
      return new CudaModule(device, handle);
    }
  }

  /**
   * A kernel by its name in the image: {@code extern "C"} functions have the one in the source.
   *
   * @throws CudaException if there is none
   */
  public CudaFunction function(String name) {
    LaunchApi launches = device.api().launches();
    try (Arena arena = Arena.ofConfined()) {
      long chars = arena.allocateFrom(name).address();
      long function =
          device
              .calls()
              .longFrom(
                  "cuModuleGetFunction",
                  out -> {
                    int code = launches.cuModuleGetFunction(out, handle, chars);
                    device.calls().check("cuModuleGetFunction", code, "kernel " + name);
                    return code;
                  });
      return new CudaFunction(device, name, function);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.calls().check("cuModuleUnload", device.api().launches().cuModuleUnload(handle));
    }
  }
}
