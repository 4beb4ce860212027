package io.baton.engine.cuda.driver;

import java.lang.foreign.MemorySegment;

/** The driver through {@code java.lang.foreign}. */
final class FfmDriver implements DriverApi {
  private final MemorySegment cuInit;
  private final MemorySegment cuDriverGetVersion;
  private final MemorySegment cuGetErrorName;
  private final MemorySegment cuGetErrorString;
  private final MemorySegment cuDeviceGetCount;
  private final MemorySegment cuDeviceGet;
  private final MemorySegment cuDeviceGetName;
  private final MemorySegment cuDeviceGetUuid;
  private final MemorySegment cuDeviceGetAttribute;
  private final MemorySegment cuDeviceTotalMem;
  private final MemorySegment cuDevicePrimaryCtxSetFlags;
  private final MemorySegment cuDevicePrimaryCtxRetain;
  private final MemorySegment cuDevicePrimaryCtxRelease;
  private final MemorySegment cuCtxSetCurrent;
  private final MemorySegment cuCtxGetCurrent;
  private final MemorySegment cuCtxSynchronize;
  private final MemorySegment cuMemGetInfo;
  private final MemorySegment cuMemAlloc;
  private final MemorySegment cuMemFree;
  private final MemorySegment cuMemHostAlloc;
  private final MemorySegment cuMemFreeHost;
  private final MemorySegment cuMemHostRegister;
  private final MemorySegment cuMemHostUnregister;
  private final MemorySegment cuMemcpyHtoD;
  private final MemorySegment cuMemcpyDtoH;
  private final MemorySegment cuMemcpyHtoDAsync;
  private final MemorySegment cuMemcpyDtoHAsync;
  private final MemorySegment cuMemcpyDtoDAsync;
  private final MemorySegment cuMemsetD8Async;
  private final MemorySegment cuMemsetD32Async;
  private final MemorySegment cuIpcGetMemHandle;
  private final MemorySegment cuIpcOpenMemHandle;
  private final MemorySegment cuIpcCloseMemHandle;

  /**
   * Finds all functions.
   *
   * @throws CudaUnavailableException if the library lacks one
   */
  FfmDriver(NativeLibrary library) {
    cuInit = library.function("cuInit");
    cuDriverGetVersion = library.function("cuDriverGetVersion");
    cuGetErrorName = library.function("cuGetErrorName");
    cuGetErrorString = library.function("cuGetErrorString");
    cuDeviceGetCount = library.function("cuDeviceGetCount");
    cuDeviceGet = library.function("cuDeviceGet");
    cuDeviceGetName = library.function("cuDeviceGetName");
    cuDeviceGetUuid = library.function("cuDeviceGetUuid_v2");
    cuDeviceGetAttribute = library.function("cuDeviceGetAttribute");
    cuDeviceTotalMem = library.function("cuDeviceTotalMem_v2");
    cuDevicePrimaryCtxSetFlags = library.function("cuDevicePrimaryCtxSetFlags_v2");
    cuDevicePrimaryCtxRetain = library.function("cuDevicePrimaryCtxRetain");
    cuDevicePrimaryCtxRelease = library.function("cuDevicePrimaryCtxRelease_v2");
    cuCtxSetCurrent = library.function("cuCtxSetCurrent");
    cuCtxGetCurrent = library.function("cuCtxGetCurrent");
    cuCtxSynchronize = library.function("cuCtxSynchronize");
    cuMemGetInfo = library.function("cuMemGetInfo_v2");
    cuMemAlloc = library.function("cuMemAlloc_v2");
    cuMemFree = library.function("cuMemFree_v2");
    cuMemHostAlloc = library.function("cuMemHostAlloc");
    cuMemFreeHost = library.function("cuMemFreeHost");
    cuMemHostRegister = library.function("cuMemHostRegister_v2");
    cuMemHostUnregister = library.function("cuMemHostUnregister");
    cuMemcpyHtoD = library.function("cuMemcpyHtoD_v2");
    cuMemcpyDtoH = library.function("cuMemcpyDtoH_v2");
    cuMemcpyHtoDAsync = library.function("cuMemcpyHtoDAsync_v2");
    cuMemcpyDtoHAsync = library.function("cuMemcpyDtoHAsync_v2");
    cuMemcpyDtoDAsync = library.function("cuMemcpyDtoDAsync_v2");
    cuMemsetD8Async = library.function("cuMemsetD8Async");
    cuMemsetD32Async = library.function("cuMemsetD32Async");
    cuIpcGetMemHandle = library.function("cuIpcGetMemHandle");
    cuIpcOpenMemHandle = library.function("cuIpcOpenMemHandle_v2");
    cuIpcCloseMemHandle = library.function("cuIpcCloseMemHandle");
  }

  @Override
  public int cuInit(int flags) {
    return Downcalls.call(cuInit, flags);
  }

  @Override
  public int cuDriverGetVersion(long outInt) {
    return Downcalls.call(cuDriverGetVersion, outInt);
  }

  @Override
  public int cuGetErrorName(int error, long outCharPointer) {
    return Downcalls.call(cuGetErrorName, error, outCharPointer);
  }

  @Override
  public int cuGetErrorString(int error, long outCharPointer) {
    return Downcalls.call(cuGetErrorString, error, outCharPointer);
  }

  @Override
  public int cuDeviceGetCount(long outInt) {
    return Downcalls.call(cuDeviceGetCount, outInt);
  }

  @Override
  public int cuDeviceGet(long outInt, int ordinal) {
    return Downcalls.call(cuDeviceGet, outInt, ordinal);
  }

  @Override
  public int cuDeviceGetName(long outChars, int length, int device) {
    return Downcalls.call(cuDeviceGetName, outChars, length, device);
  }

  @Override
  public int cuDeviceGetUuid(long outBytes16, int device) {
    return Downcalls.call(cuDeviceGetUuid, outBytes16, device);
  }

  @Override
  public int cuDeviceGetAttribute(long outInt, int attribute, int device) {
    return Downcalls.call(cuDeviceGetAttribute, outInt, attribute, device);
  }

  @Override
  public int cuDeviceTotalMem(long outBytes, int device) {
    return Downcalls.call(cuDeviceTotalMem, outBytes, device);
  }

  @Override
  public int cuDevicePrimaryCtxSetFlags(int device, int flags) {
    return Downcalls.call(cuDevicePrimaryCtxSetFlags, device, flags);
  }

  @Override
  public int cuDevicePrimaryCtxRetain(long outContext, int device) {
    return Downcalls.call(cuDevicePrimaryCtxRetain, outContext, device);
  }

  @Override
  public int cuDevicePrimaryCtxRelease(int device) {
    return Downcalls.call(cuDevicePrimaryCtxRelease, device);
  }

  @Override
  public int cuCtxSetCurrent(long context) {
    return Downcalls.call(cuCtxSetCurrent, context);
  }

  @Override
  public int cuCtxGetCurrent(long outContext) {
    return Downcalls.call(cuCtxGetCurrent, outContext);
  }

  @Override
  public int cuCtxSynchronize() {
    return Downcalls.call(cuCtxSynchronize);
  }

  @Override
  public int cuMemGetInfo(long outFree, long outTotal) {
    return Downcalls.call(cuMemGetInfo, outFree, outTotal);
  }

  @Override
  public int cuMemAlloc(long outAddress, long bytes) {
    return Downcalls.call(cuMemAlloc, outAddress, bytes);
  }

  @Override
  public int cuMemFree(long address) {
    return Downcalls.call(cuMemFree, address);
  }

  @Override
  public int cuMemHostAlloc(long outAddress, long bytes, int flags) {
    return Downcalls.call(cuMemHostAlloc, outAddress, bytes, flags);
  }

  @Override
  public int cuMemFreeHost(long address) {
    return Downcalls.call(cuMemFreeHost, address);
  }

  @Override
  public int cuMemHostRegister(long address, long bytes, int flags) {
    return Downcalls.call(cuMemHostRegister, address, bytes, flags);
  }

  @Override
  public int cuMemHostUnregister(long address) {
    return Downcalls.call(cuMemHostUnregister, address);
  }

  @Override
  public int cuMemcpyHtoD(long device, long host, long bytes) {
    return Downcalls.call(cuMemcpyHtoD, device, host, bytes);
  }

  @Override
  public int cuMemcpyDtoH(long host, long device, long bytes) {
    return Downcalls.call(cuMemcpyDtoH, host, device, bytes);
  }

  @Override
  public int cuMemcpyHtoDAsync(long device, long host, long bytes, long stream) {
    return Downcalls.call(cuMemcpyHtoDAsync, device, host, bytes, stream);
  }

  @Override
  public int cuMemcpyDtoHAsync(long host, long device, long bytes, long stream) {
    return Downcalls.call(cuMemcpyDtoHAsync, host, device, bytes, stream);
  }

  @Override
  public int cuMemcpyDtoDAsync(long to, long from, long bytes, long stream) {
    return Downcalls.call(cuMemcpyDtoDAsync, to, from, bytes, stream);
  }

  @Override
  public int cuMemsetD8Async(long address, int value, long count, long stream) {
    return Downcalls.call(cuMemsetD8Async, address, value, count, stream);
  }

  @Override
  public int cuMemsetD32Async(long address, int value, long count, long stream) {
    return Downcalls.call(cuMemsetD32Async, address, value, count, stream);
  }

  @Override
  public int cuIpcGetMemHandle(long outHandle64, long address) {
    return Downcalls.call(cuIpcGetMemHandle, outHandle64, address);
  }

  @Override
  public int cuIpcOpenMemHandle(long outAddress, long handle64, int flags) {
    return Downcalls.callWithHandle(cuIpcOpenMemHandle, outAddress, handle64, flags);
  }

  @Override
  public int cuIpcCloseMemHandle(long address) {
    return Downcalls.call(cuIpcCloseMemHandle, address);
  }
}
