package io.baton.engine.cuda.driver;

import java.lang.foreign.MemorySegment;

/**
 * Host memory that was there already, such as a mapped file, made known to the device: copies from
 * it then run at full speed without staging. The memory must stay mapped until this is closed.
 */
public final class HostRegistration implements AutoCloseable {
  private static final int READ_ONLY = 8;

  private final CudaDevice device;
  private final long address;
  private boolean closed;

  private HostRegistration(CudaDevice device, long address) {
    this.device = device;
    this.address = address;
  }

  /**
   * Registers memory that the device only reads; a mapping of a file may be read-only itself.
   *
   * @throws CudaException if the system refuses; copies work without, at a sixth of the speed
   */
  public static HostRegistration readOnly(CudaDevice device, MemorySegment memory) {
    long address = memory.address();
    int code = device.api().driver().cuMemHostRegister(address, memory.byteSize(), READ_ONLY);
    device
        .calls()
        .check(
            "cuMemHostRegister",
            code,
            code == 0 ? "" : Sizes.text(memory.byteSize()) + " of mapped memory");
    return new HostRegistration(device, address);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device
          .calls()
          .check("cuMemHostUnregister", device.api().driver().cuMemHostUnregister(address));
    }
  }
}
