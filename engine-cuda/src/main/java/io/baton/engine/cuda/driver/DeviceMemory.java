package io.baton.engine.cuda.driver;

import java.lang.foreign.MemorySegment;

/** A piece of device memory, owned until closed. Copies here wait unless they take a stream. */
public final class DeviceMemory implements AutoCloseable {
  private final CudaDevice device;
  private final long address;
  private final long bytes;
  private boolean closed;

  private DeviceMemory(CudaDevice device, long address, long bytes) {
    this.device = device;
    this.address = address;
    this.bytes = bytes;
  }

  static DeviceMemory allocate(CudaDevice device, long bytes, String purpose) {
    if (bytes <= 0) {
      throw new IllegalArgumentException(
          "bytes for " + purpose + ": " + bytes + " (expected: > 0)");
    }
    long address =
        device
            .calls()
            .longFrom(
                "cuMemAlloc",
                out -> {
                  int code = device.api().driver().cuMemAlloc(out, bytes);
                  device.calls().check("cuMemAlloc", code, details(device, bytes, purpose, code));
                  return code;
                });
    return new DeviceMemory(device, address, bytes);
  }

  /** The sums, so that one can see what would have fitted. */
  private static String details(CudaDevice device, long bytes, String purpose, int code) {
    if (code == 0) {
      return "";
    }
    String asked = Sizes.text(bytes) + " for " + purpose;
    try {
      CudaDevice.MemoryInfo info = device.memoryInfo();
      return "%s; %s of %s are free on %s"
          .formatted(asked, Sizes.text(info.free()), Sizes.text(info.total()), device);
    } catch (CudaException e) {
      return asked;
    }
  }

  public long address() {
    return address;
  }

  public long bytes() {
    return bytes;
  }

  /** Copies from host memory and waits; for set-up. */
  public void copyFrom(MemorySegment host, long offset) {
    checkRange(offset, host.byteSize());
    device
        .calls()
        .check(
            "cuMemcpyHtoD",
            device.api().driver().cuMemcpyHtoD(address + offset, host.address(), host.byteSize()));
  }

  /** Copies to host memory and waits; for set-up and checks. */
  public void copyTo(MemorySegment host, long offset) {
    checkRange(offset, host.byteSize());
    device
        .calls()
        .check(
            "cuMemcpyDtoH",
            device.api().driver().cuMemcpyDtoH(host.address(), address + offset, host.byteSize()));
  }

  private void checkRange(long offset, long length) {
    if (offset < 0 || length < 0 || offset + length > bytes) {
      throw new IndexOutOfBoundsException(
          "offset %d, length %d (expected: within %d bytes)".formatted(offset, length, bytes));
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.calls().check("cuMemFree", device.api().driver().cuMemFree(address));
    }
  }
}
