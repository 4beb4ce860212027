package io.baton.engine.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/**
 * One GPU and its primary context. Calls that touch the device work on threads for which {@link
 * #makeCurrent} was called; the thread that opened the device is one.
 */
public final class CudaDevice implements AutoCloseable {

  /** How host threads wait in {@link CudaStream#synchronize} and {@link #synchronize}. */
  public enum Waiting {
    /** As the driver likes; in fact it spins: fast, and a whole core. */
    SPINNING(0),
    /** The thread sleeps: some 30-120 µs later, and almost no CPU. */
    BLOCKING(4);

    private final int flags;

    Waiting(int flags) {
      this.flags = flags;
    }
  }

  /** Device memory in bytes. */
  public record MemoryInfo(long free, long total) {}

  private static final int NAME_BYTES = 256;
  private static final int UUID_BYTES = 16;
  private static final int OLDEST_DRIVER = 12_000;
  private static final int PRIMARY_CONTEXT_ACTIVE = 708;

  private final CudaApi api;
  private final Calls calls;
  private final int ordinal;
  private final int handle;
  private final long context;
  private final String name;
  private final String uuid;

  private CudaDevice(CudaApi api, int ordinal, int handle, long context) {
    this.api = api;
    this.calls = new Calls(api);
    this.ordinal = ordinal;
    this.handle = handle;
    this.context = context;
    this.name = readName();
    this.uuid = readUuid();
  }

  /**
   * Initialises CUDA, takes the device's primary context and makes it current on this thread.
   *
   * @param ordinal number of the device, from 0
   * @throws CudaUnavailableException if there is no driver, no device, or the driver is too old
   * @throws CudaException if the driver refuses
   */
  public static CudaDevice open(CudaApi api, int ordinal, Waiting waiting) {
    var calls = new Calls(api);
    DriverApi driver = api.driver();
    Availability.initialise(api, calls);
    int version = calls.intFrom("cuDriverGetVersion", driver::cuDriverGetVersion);
    if (version < OLDEST_DRIVER) {
      throw new CudaUnavailableException(
          "driver: supports CUDA %d.%d (expected: 12.0 or newer). To do: update the NVIDIA driver"
              .formatted(version / 1000, version % 1000 / 10));
    }
    int count = calls.intFrom("cuDeviceGetCount", driver::cuDeviceGetCount);
    if (ordinal < 0 || ordinal >= count) {
      throw new CudaUnavailableException(
          "device: %d (expected: 0 to %d, as nvidia-smi and CUDA_VISIBLE_DEVICES have it)"
              .formatted(ordinal, count - 1));
    }
    int handle = calls.intFrom("cuDeviceGet", out -> driver.cuDeviceGet(out, ordinal));
    int code = driver.cuDevicePrimaryCtxSetFlags(handle, waiting.flags);
    // Older drivers refuse to change what another opener of this process has chosen.
    if (code != PRIMARY_CONTEXT_ACTIVE) {
      calls.check("cuDevicePrimaryCtxSetFlags", code);
    }
    long context =
        calls.longFrom(
            "cuDevicePrimaryCtxRetain", out -> driver.cuDevicePrimaryCtxRetain(out, handle));
    calls.check("cuCtxSetCurrent", driver.cuCtxSetCurrent(context));
    return new CudaDevice(api, ordinal, handle, context);
  }

  /** Makes the context current on the calling thread, for ever; about a microsecond. */
  public void makeCurrent() {
    calls.check("cuCtxSetCurrent", api.driver().cuCtxSetCurrent(context));
  }

  public CudaApi api() {
    return api;
  }

  public int ordinal() {
    return ordinal;
  }

  /** Name as the driver has it, e.g. {@code NVIDIA H100 80GB HBM3}. */
  public String name() {
    return name;
  }

  /** 32 hex digits, the same in every process: tells whether two workers share a card. */
  public String uuid() {
    return uuid;
  }

  /** A {@code CU_DEVICE_ATTRIBUTE_*}. */
  public int attribute(DeviceAttribute attribute) {
    return calls.intFrom(
        "cuDeviceGetAttribute",
        out -> api.driver().cuDeviceGetAttribute(out, attribute.number(), handle));
  }

  /** Compute capability as one number: 80 for 8.0, 90 for 9.0. */
  public int computeCapability() {
    return 10 * attribute(DeviceAttribute.COMPUTE_CAPABILITY_MAJOR)
        + attribute(DeviceAttribute.COMPUTE_CAPABILITY_MINOR);
  }

  /** Streaming multiprocessors. */
  public int multiprocessors() {
    return attribute(DeviceAttribute.MULTIPROCESSOR_COUNT);
  }

  /** CUDA version of the driver: 13000 for 13.0. */
  public int driverVersion() {
    return calls.intFrom("cuDriverGetVersion", api.driver()::cuDriverGetVersion);
  }

  public MemoryInfo memoryInfo() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG, 2);
      calls.check("cuMemGetInfo", api.driver().cuMemGetInfo(out.address(), out.address() + 8));
      return new MemoryInfo(out.getAtIndex(JAVA_LONG, 0), out.getAtIndex(JAVA_LONG, 1));
    }
  }

  /**
   * Device memory, uninitialised, aligned to 256 bytes.
   *
   * @param purpose what for, for the message when there is too little
   */
  public DeviceMemory allocate(long bytes, String purpose) {
    return DeviceMemory.allocate(this, bytes, purpose);
  }

  /** Page-locked host memory; slow to make (about 2 GB/s), so make it once. */
  public PinnedMemory pin(long bytes, String purpose) {
    return PinnedMemory.allocate(this, bytes, purpose);
  }

  /** A stream that does not wait for the default stream. */
  public CudaStream newStream() {
    return CudaStream.create(this);
  }

  /** An event that can be asked for the time; waiting for it follows {@link Waiting}. */
  public CudaEvent newTimingEvent() {
    return CudaEvent.create(this, CudaEvent.Kind.TIMING);
  }

  /** An event for which a host thread sleeps, without times. */
  public CudaEvent newBlockingEvent() {
    return CudaEvent.create(this, CudaEvent.Kind.BLOCKING);
  }

  /** Loads a cubin that was compiled for this device. */
  public CudaModule load(byte[] cubin) {
    return CudaModule.load(this, cubin);
  }

  /** Waits until the device has nothing more to do for this process. */
  public void synchronize() {
    calls.check("cuCtxSynchronize", api.driver().cuCtxSynchronize());
  }

  Calls calls() {
    return calls;
  }

  /** Gives the context back. Everything made on the device must be closed before. */
  @Override
  public void close() {
    int ignored = api.driver().cuDevicePrimaryCtxRelease(handle);
  }

  @Override
  public String toString() {
    return "device " + ordinal + " (" + name + ")";
  }

  private String readName() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(NAME_BYTES);
      calls.check(
          "cuDeviceGetName", api.driver().cuDeviceGetName(out.address(), NAME_BYTES, handle));
      return out.getString(0);
    }
  }

  private String readUuid() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(UUID_BYTES);
      calls.check("cuDeviceGetUuid", api.driver().cuDeviceGetUuid(out.address(), handle));
      return HexFormat.of().formatHex(out.toArray(JAVA_BYTE));
    }
  }
}
