package io.baton.engine.cuda.driver;

/**
 * Work that the device does in order. Copies return at once; host memory that they use must be
 * pinned or registered to be fast, and live until they are done. The caller's thread needs the
 * device's context.
 */
public final class CudaStream implements AutoCloseable {
  private static final int NON_BLOCKING = 1;
  private static final int NOT_READY = 600;

  private final Calls calls;
  private final DriverApi driver;
  private final LaunchApi launches;
  private final long handle;
  private boolean closed;

  private CudaStream(CudaDevice device, long handle) {
    this.calls = device.calls();
    this.driver = device.api().driver();
    this.launches = device.api().launches();
    this.handle = handle;
  }

  static CudaStream create(CudaDevice device) {
    LaunchApi launches = device.api().launches();
    long handle =
        device
            .calls()
            .longFrom("cuStreamCreate", out -> launches.cuStreamCreate(out, NON_BLOCKING));
    return new CudaStream(device, handle);
  }

  /** The native stream, for libraries that take one. */
  public long address() {
    return handle;
  }

  /** Host to device. */
  public void copyIn(long device, long host, long bytes) {
    calls.check("cuMemcpyHtoDAsync", driver.cuMemcpyHtoDAsync(device, host, bytes, handle));
  }

  /** Device to host. */
  public void copyOut(long host, long device, long bytes) {
    calls.check("cuMemcpyDtoHAsync", driver.cuMemcpyDtoHAsync(host, device, bytes, handle));
  }

  /** Device to device. */
  public void copy(long to, long from, long bytes) {
    calls.check("cuMemcpyDtoDAsync", driver.cuMemcpyDtoDAsync(to, from, bytes, handle));
  }

  /** Sets bytes to the lowest eight bits of a value. */
  public void fillBytes(long address, int value, long count) {
    calls.check("cuMemsetD8Async", driver.cuMemsetD8Async(address, value, count, handle));
  }

  /** Sets 32-bit words. */
  public void fillInts(long address, int value, long count) {
    calls.check("cuMemsetD32Async", driver.cuMemsetD32Async(address, value, count, handle));
  }

  /** What comes after waits for the event. */
  public void await(CudaEvent event) {
    calls.check("cuStreamWaitEvent", launches.cuStreamWaitEvent(handle, event.handle(), 0));
  }

  /** The event happens when all that was put in before is done. */
  public void record(CudaEvent event) {
    calls.check("cuEventRecord", launches.cuEventRecord(event.handle(), handle));
  }

  /** Whether everything put in is done. */
  public boolean done() {
    int code = launches.cuStreamQuery(handle);
    if (code == NOT_READY) {
      return false;
    }
    calls.check("cuStreamQuery", code);
    return true;
  }

  /**
   * Waits until everything put in is done, as the device's {@link CudaDevice.Waiting} says.
   *
   * @throws CudaException also for errors of kernels that were launched before
   */
  public void synchronize() {
    calls.check("cuStreamSynchronize", launches.cuStreamSynchronize(handle));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      calls.check("cuStreamDestroy", launches.cuStreamDestroy(handle));
    }
  }
}
