package io.baton.engine.cuda.fake;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Devices and memory. Device memory is host memory, so addresses mean the same everywhere. */
@SuppressWarnings("unused") // called by name
final class FakeDriver {
  private static final int INVALID_VALUE = 1;
  private final FakeLaunches streams;
  private static final int OUT_OF_MEMORY = 2;
  private static final int INVALID_DEVICE = 101;
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "CUDA_ERROR_INVALID_VALUE"),
          Map.entry(2, "CUDA_ERROR_OUT_OF_MEMORY"),
          Map.entry(100, "CUDA_ERROR_NO_DEVICE"),
          Map.entry(101, "CUDA_ERROR_INVALID_DEVICE"),
          Map.entry(200, "CUDA_ERROR_INVALID_IMAGE"),
          Map.entry(500, "CUDA_ERROR_NOT_FOUND"),
          Map.entry(700, "CUDA_ERROR_ILLEGAL_ADDRESS"),
          Map.entry(719, "CUDA_ERROR_LAUNCH_FAILED"),
          Map.entry(803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"),
          Map.entry(900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"),
          Map.entry(901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"));

  /** 9.0, so that all of the code is used. */
  private static final Map<Integer, Integer> ATTRIBUTES =
      Map.of(1, 1024, 8, 49_152, 16, 132, 38, 50 << 20, 40, 3, 75, 9, 76, 0, 97, 232_448);

  private final long total;
  private final Map<Long, Arena> memory = new HashMap<>();
  private final Map<Long, Long> sizes = new HashMap<>();
  private final Map<Long, Arena> pinned = new HashMap<>();
  private long used;
  private long current;

  FakeDriver(long total, FakeLaunches streams) {
    this.streams = streams;
    this.total = total;
  }

  List<String> leftOpen() {
    var open = new ArrayList<String>();
    memory.keySet().forEach(address -> open.add("device memory of " + sizes.get(address)));
    pinned.keySet().forEach(address -> open.add("pinned memory"));
    return open;
  }

  int cuInit(int flags) {
    return 0;
  }

  int cuDriverGetVersion(long out) {
    Native.putInt(out, 13_000);
    return 0;
  }

  int cuGetErrorName(int error, long out) {
    return text(NAMES.get(error), out);
  }

  int cuGetErrorString(int error, long out) {
    return text(NAMES.containsKey(error) ? "meaning of " + error : null, out);
  }

  private static int text(String text, long out) {
    if (text == null) {
      Native.putLong(out, 0);
      return INVALID_VALUE;
    }
    Native.putLong(out, Arena.global().allocateFrom(text).address());
    return 0;
  }

  int cuDeviceGetCount(long out) {
    Native.putInt(out, 1);
    return 0;
  }

  int cuDeviceGet(long out, int ordinal) {
    Native.putInt(out, 0);
    return ordinal == 0 ? 0 : INVALID_DEVICE;
  }

  int cuDeviceGetName(long out, int length, int device) {
    Native.at(out, length).setString(0, "Stand-in", StandardCharsets.US_ASCII);
    return 0;
  }

  int cuDeviceGetUuid(long out, int device) {
    Native.at(out, 16).fill((byte) 0xab);
    return 0;
  }

  int cuDeviceGetAttribute(long out, int attribute, int device) {
    Integer value = ATTRIBUTES.get(attribute);
    Native.putInt(out, value == null ? 0 : value);
    return value == null ? INVALID_VALUE : 0;
  }

  int cuDeviceTotalMem(long out, int device) {
    Native.putLong(out, total);
    return 0;
  }

  int cuDevicePrimaryCtxSetFlags(int device, int flags) {
    return 0;
  }

  int cuDevicePrimaryCtxRetain(long out, int device) {
    Native.putLong(out, 1);
    return 0;
  }

  int cuDevicePrimaryCtxRelease(int device) {
    return 0;
  }

  int cuCtxSetCurrent(long context) {
    current = context;
    return 0;
  }

  int cuCtxGetCurrent(long out) {
    Native.putLong(out, current);
    return 0;
  }

  int cuCtxSynchronize() {
    return 0;
  }

  int cuMemGetInfo(long free, long all) {
    Native.putLong(free, total - used);
    Native.putLong(all, total);
    return 0;
  }

  int cuMemAlloc(long out, long bytes) {
    if (bytes > total - used) {
      return OUT_OF_MEMORY;
    }
    Arena arena = Arena.ofShared();
    MemorySegment segment = arena.allocate(bytes, 256);
    memory.put(segment.address(), arena);
    sizes.put(segment.address(), bytes);
    used += bytes;
    Native.putLong(out, segment.address());
    return 0;
  }

  int cuMemFree(long address) {
    Arena arena = memory.remove(address);
    if (arena == null) {
      return INVALID_VALUE;
    }
    used -= sizes.remove(address);
    arena.close();
    return 0;
  }

  int cuMemHostAlloc(long out, long bytes, int flags) {
    Arena arena = Arena.ofShared();
    long address = arena.allocate(bytes, 4096).address();
    pinned.put(address, arena);
    Native.putLong(out, address);
    return 0;
  }

  int cuMemFreeHost(long address) {
    Arena arena = pinned.remove(address);
    if (arena == null) {
      return INVALID_VALUE;
    }
    arena.close();
    return 0;
  }

  int cuMemHostRegister(long address, long bytes, int flags) {
    return flags == 8 ? 0 : INVALID_VALUE;
  }

  int cuMemHostUnregister(long address) {
    return 0;
  }

  int cuMemcpyHtoD(long device, long host, long bytes) {
    Native.copy(device, host, bytes);
    return 0;
  }

  int cuMemcpyDtoH(long host, long device, long bytes) {
    Native.copy(host, device, bytes);
    return 0;
  }

  int cuMemcpyHtoDAsync(long device, long host, long bytes, long stream) {
    streams.work(stream, 1, () -> Native.copy(device, host, bytes));
    return 0;
  }

  int cuMemcpyDtoHAsync(long host, long device, long bytes, long stream) {
    streams.work(stream, 1, () -> Native.copy(host, device, bytes));
    return 0;
  }

  int cuMemcpyDtoDAsync(long to, long from, long bytes, long stream) {
    streams.work(stream, 1, () -> Native.copy(to, from, bytes));
    return 0;
  }

  int cuMemsetD8Async(long address, int value, long count, long stream) {
    streams.work(stream, 1, () -> Native.at(address, count).fill((byte) value));
    return 0;
  }

  int cuMemsetD32Async(long address, int value, long count, long stream) {
    for (long i = 0; i < count; i++) {
      Native.putInt(address + 4 * i, value);
    }
    return 0;
  }

  int cuIpcGetMemHandle(long out, long address) {
    Native.at(out, 64).fill((byte) 0);
    Native.putLong(out, address);
    return memory.containsKey(address) ? 0 : INVALID_VALUE;
  }

  int cuIpcOpenMemHandle(long out, long handle, int flags) {
    Native.putLong(out, Native.getLong(handle));
    return 0;
  }

  int cuIpcCloseMemHandle(long address) {
    return 0;
  }
}
