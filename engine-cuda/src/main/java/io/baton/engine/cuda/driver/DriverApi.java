package io.baton.engine.cuda.driver;

/** Devices, contexts, memory: part of cuda.h, with its names and order of arguments. */
public interface DriverApi {
  int cuInit(int flags);

  int cuDriverGetVersion(long outInt);

  int cuGetErrorName(int error, long outCharPointer);

  int cuGetErrorString(int error, long outCharPointer);

  int cuDeviceGetCount(long outInt);

  int cuDeviceGet(long outInt, int ordinal);

  int cuDeviceGetName(long outChars, int length, int device);

  int cuDeviceGetUuid(long outBytes16, int device);

  int cuDeviceGetAttribute(long outInt, int attribute, int device);

  int cuDeviceTotalMem(long outBytes, int device);

  int cuDevicePrimaryCtxSetFlags(int device, int flags);

  int cuDevicePrimaryCtxRetain(long outContext, int device);

  int cuDevicePrimaryCtxRelease(int device);

  int cuCtxSetCurrent(long context);

  int cuCtxGetCurrent(long outContext);

  int cuCtxSynchronize();

  int cuMemGetInfo(long outFree, long outTotal);

  int cuMemAlloc(long outAddress, long bytes);

  int cuMemFree(long address);

  int cuMemHostAlloc(long outAddress, long bytes, int flags);

  int cuMemFreeHost(long address);

  int cuMemHostRegister(long address, long bytes, int flags);

  int cuMemHostUnregister(long address);

  int cuMemcpyHtoD(long device, long host, long bytes);

  int cuMemcpyDtoH(long host, long device, long bytes);

  int cuMemcpyHtoDAsync(long device, long host, long bytes, long stream);

  int cuMemcpyDtoHAsync(long host, long device, long bytes, long stream);

  int cuMemcpyDtoDAsync(long to, long from, long bytes, long stream);

  int cuMemsetD8Async(long address, int value, long count, long stream);

  int cuMemsetD32Async(long address, int value, long count, long stream);

  int cuIpcGetMemHandle(long outHandle64, long address);

  /** The C function takes the 64 bytes by value; here they are at an address. */
  int cuIpcOpenMemHandle(long outAddress, long handle64, int flags);

  int cuIpcCloseMemHandle(long address);
}
