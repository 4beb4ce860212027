package io.baton.engine.cuda.driver;

/** A kernel. Lives as long as its module. */
public final class CudaFunction {
  private static final int ATTRIBUTE_STATIC_SHARED = 1;
  private static final int ATTRIBUTE_LOCAL = 3;
  private static final int ATTRIBUTE_REGISTERS = 4;
  private static final int ATTRIBUTE_MAX_DYNAMIC_SHARED = 8;
  private static final int SHARED_WITHOUT_ASKING = 48 << 10;

  private final CudaDevice device;
  private final LaunchApi launches;
  private final String name;
  private final long handle;
  private int allowedShared = SHARED_WITHOUT_ASKING;

  CudaFunction(CudaDevice device, String name, long handle) {
    this.device = device;
    this.launches = device.api().launches();
    this.name = name;
    this.handle = handle;
  }

  public String name() {
    return name;
  }

  /** Registers a thread uses. */
  public int registers() {
    return attribute(ATTRIBUTE_REGISTERS);
  }

  /** Bytes of local memory a thread uses: spilled registers, or arrays that are indexed. */
  public int localBytes() {
    return attribute(ATTRIBUTE_LOCAL);
  }

  /** Bytes of shared memory that the source declares. */
  public int staticSharedBytes() {
    return attribute(ATTRIBUTE_STATIC_SHARED);
  }

  /** Blocks of so many threads that run on one multiprocessor at once. */
  public int blocksPerMultiprocessor(int threads, long sharedBytes) {
    return device
        .calls()
        .intFrom(
            "cuOccupancyMaxActiveBlocksPerMultiprocessor",
            out ->
                launches.cuOccupancyMaxActiveBlocksPerMultiprocessor(
                    out, handle, threads, sharedBytes));
  }

  /**
   * Puts a launch into the stream. The arguments are copied during the call: they may be changed
   * right after. More than 48 KiB of dynamic shared memory is asked for when first needed, so
   * launch once before a capture.
   *
   * @throws CudaException if the shape is not possible; errors inside the kernel show in a later
   *     call that waits
   */
  public void launch(CudaStream stream, LaunchShape shape, KernelArguments arguments) {
    allowShared(shape.sharedBytes());
    int code =
        launches.cuLaunchKernel(
            handle,
            shape.gridX(),
            shape.gridY(),
            shape.gridZ(),
            shape.blockX(),
            shape.blockY(),
            shape.blockZ(),
            shape.sharedBytes(),
            stream.address(),
            arguments.address(),
            0);
    if (code != 0) {
      throw device.calls().failure("cuLaunchKernel", name + " " + shape, code);
    }
  }

  /**
   * As {@link #launch}, but the kernel may start while the one before it in the stream still ends
   * (programmatic dependent launch, compute capability 9.0 and up): the kernel must wait itself, by
   * {@code griddepcontrol.wait}, before it reads what that one wrote.
   */
  public void launchDependent(
      CudaStream stream, DependentLaunch configuration, KernelArguments arguments) {
    allowShared(configuration.shape().sharedBytes());
    int code =
        launches.cuLaunchKernelEx(configuration.address(stream), handle, arguments.address(), 0);
    if (code != 0) {
      throw device.calls().failure("cuLaunchKernelEx", name + " " + configuration.shape(), code);
    }
  }

  /** Allows so many bytes of dynamic shared memory; 232,448 at most on compute capability 9.0. */
  public void allowShared(int bytes) {
    if (bytes > allowedShared) {
      int code = launches.cuFuncSetAttribute(handle, ATTRIBUTE_MAX_DYNAMIC_SHARED, bytes);
      if (code != 0) {
        throw device
            .calls()
            .failure("cuFuncSetAttribute", name + ": " + bytes + " bytes of shared memory", code);
      }
      allowedShared = bytes;
    }
  }

  private int attribute(int number) {
    return device
        .calls()
        .intFrom("cuFuncGetAttribute", out -> launches.cuFuncGetAttribute(out, number, handle));
  }
}
