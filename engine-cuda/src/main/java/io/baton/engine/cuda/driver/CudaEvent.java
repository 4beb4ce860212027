package io.baton.engine.cuda.driver;

/** A point in a stream that can be waited for and, if it is a timing event, measured from. */
public final class CudaEvent implements AutoCloseable {

  /** What an event is for. */
  enum Kind {
    TIMING(0),
    /** BLOCKING_SYNC and DISABLE_TIMING. */
    BLOCKING(3);

    private final int flags;

    Kind(int flags) {
      this.flags = flags;
    }
  }

  private static final int NOT_READY = 600;

  private final CudaDevice device;
  private final LaunchApi launches;
  private final long handle;
  private boolean closed;

  private CudaEvent(CudaDevice device, long handle) {
    this.device = device;
    this.launches = device.api().launches();
    this.handle = handle;
  }

  static CudaEvent create(CudaDevice device, Kind kind) {
    LaunchApi launches = device.api().launches();
    long handle =
        device.calls().longFrom("cuEventCreate", out -> launches.cuEventCreate(out, kind.flags));
    return new CudaEvent(device, handle);
  }

  long handle() {
    return handle;
  }

  /** Whether it has happened; also true if it was never recorded. */
  public boolean done() {
    int code = launches.cuEventQuery(handle);
    if (code == NOT_READY) {
      return false;
    }
    device.calls().check("cuEventQuery", code);
    return true;
  }

  /**
   * Waits until it has happened; a blocking event sleeps meanwhile.
   *
   * @throws CudaException also for errors of kernels that were launched before
   */
  public void await() {
    device.calls().check("cuEventSynchronize", launches.cuEventSynchronize(handle));
  }

  /** Milliseconds on the device from an earlier timing event to this one; both have happened. */
  public float millisSince(CudaEvent earlier) {
    int bits =
        device
            .calls()
            .intFrom(
                "cuEventElapsedTime",
                out -> launches.cuEventElapsedTime(out, earlier.handle, handle));
    return Float.intBitsToFloat(bits);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      device.calls().check("cuEventDestroy", launches.cuEventDestroy(handle));
    }
  }
}
