package io.baton.engine.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A name by which another process on the same card can open a piece of device memory. It names the
 * whole allocation. Its owner must keep it until the other has closed it.
 */
public final class IpcHandle {
  public static final int BYTES = 64;
  private static final int LAZY_ENABLE_PEER_ACCESS = 1;

  private final byte[] handle;

  private IpcHandle(byte[] handle) {
    this.handle = handle;
  }

  /** Names memory of this process. */
  public static IpcHandle of(CudaDevice device, DeviceMemory memory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(BYTES, 8);
      device
          .calls()
          .check(
              "cuIpcGetMemHandle",
              device.api().driver().cuIpcGetMemHandle(out.address(), memory.address()));
      return new IpcHandle(out.toArray(JAVA_BYTE));
    }
  }

  /** As it came from the other process: {@link #BYTES} bytes. */
  public static IpcHandle of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "IPC handle: " + bytes.length + " bytes (expected: " + BYTES + ")");
    }
    return new IpcHandle(bytes.clone());
  }

  /** To be sent to the other process. */
  public byte[] toBytes() {
    return handle.clone();
  }

  /**
   * Opens memory of another process on the same card.
   *
   * @throws CudaException also if it is memory of this process, or the other has ended
   */
  public Opened open(CudaDevice device) {
    try (Arena arena = Arena.ofConfined()) {
      long bytes = arena.allocateFrom(JAVA_BYTE, handle).address();
      long address =
          device
              .calls()
              .longFrom(
                  "cuIpcOpenMemHandle",
                  out ->
                      device
                          .api()
                          .driver()
                          .cuIpcOpenMemHandle(out, bytes, LAZY_ENABLE_PEER_ACCESS));
      return new Opened(device, address);
    }
  }

  /** Memory of another process, mapped here until closed. */
  public static final class Opened implements AutoCloseable {
    private final CudaDevice device;
    private final long address;
    private boolean closed;

    private Opened(CudaDevice device, long address) {
      this.device = device;
      this.address = address;
    }

    public long address() {
      return address;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        device
            .calls()
            .check("cuIpcCloseMemHandle", device.api().driver().cuIpcCloseMemHandle(address));
      }
    }
  }
}
