package io.baton.engine.cuda.driver;

import java.lang.foreign.MemorySegment;

/**
 * Page-locked host memory that copy engines and kernels reach directly. Kernels use {@link
 * #address} as it is. Must not be touched after it, or its device, is closed.
 */
public final class PinnedMemory implements AutoCloseable {
  private final CudaDevice device;
  private final MemorySegment segment;
  private boolean closed;

  private PinnedMemory(CudaDevice device, MemorySegment segment) {
    this.device = device;
    this.segment = segment;
  }

  static PinnedMemory allocate(CudaDevice device, long bytes, String purpose) {
    if (bytes <= 0) {
      throw new IllegalArgumentException(
          "bytes for " + purpose + ": " + bytes + " (expected: > 0)");
    }
    long address =
        device
            .calls()
            .longFrom(
                "cuMemHostAlloc",
                out -> {
                  int code = device.api().driver().cuMemHostAlloc(out, bytes, 0);
                  device
                      .calls()
                      .check(
                          "cuMemHostAlloc",
                          code,
                          code == 0
                              ? ""
                              : Sizes.text(bytes) + " of page-locked host memory for " + purpose);
                  return code;
                });
    return new PinnedMemory(device, MemorySegment.ofAddress(address).reinterpret(bytes));
  }

  /** The memory as Java sees it; any thread. */
  public MemorySegment segment() {
    return segment;
  }

  /** Address for host and device alike. */
  public long address() {
    return segment.address();
  }

  public long bytes() {
    return segment.byteSize();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.calls().check("cuMemFreeHost", device.api().driver().cuMemFreeHost(segment.address()));
    }
  }
}
