package io.baton.engine.cuda.driver;

import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUipcMemHandle_v1;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudart.CUuuid;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/** The driver through the presets of bytedeco. */
final class BytedecoDriver implements DriverApi {
  @Override
  public int cuInit(int flags) {
    return cudart.cuInit(flags);
  }

  @Override
  public int cuDriverGetVersion(long outInt) {
    return cudart.cuDriverGetVersion(new IntPointer(Natives.at(outInt)));
  }

  @Override
  public int cuGetErrorName(int error, long outCharPointer) {
    return cudart.cuGetErrorName(error, new PointerPointer<>(Natives.at(outCharPointer)));
  }

  @Override
  public int cuGetErrorString(int error, long outCharPointer) {
    return cudart.cuGetErrorString(error, new PointerPointer<>(Natives.at(outCharPointer)));
  }

  @Override
  public int cuDeviceGetCount(long outInt) {
    return cudart.cuDeviceGetCount(new IntPointer(Natives.at(outInt)));
  }

  @Override
  public int cuDeviceGet(long outInt, int ordinal) {
    return cudart.cuDeviceGet(new IntPointer(Natives.at(outInt)), ordinal);
  }

  @Override
  public int cuDeviceGetName(long outChars, int length, int device) {
    return cudart.cuDeviceGetName(new BytePointer(Natives.at(outChars)), length, device);
  }

  @Override
  public int cuDeviceGetUuid(long outBytes16, int device) {
    return cudart.cuDeviceGetUuid(new CUuuid(Natives.at(outBytes16)), device);
  }

  @Override
  public int cuDeviceGetAttribute(long outInt, int attribute, int device) {
    return cudart.cuDeviceGetAttribute(new IntPointer(Natives.at(outInt)), attribute, device);
  }

  @Override
  public int cuDeviceTotalMem(long outBytes, int device) {
    return cudart.cuDeviceTotalMem(new SizeTPointer(Natives.at(outBytes)), device);
  }

  @Override
  public int cuDevicePrimaryCtxSetFlags(int device, int flags) {
    return cudart.cuDevicePrimaryCtxSetFlags(device, flags);
  }

  @Override
  public int cuDevicePrimaryCtxRetain(long outContext, int device) {
    CUctx_st made = new CUctx_st();
    int code = cudart.cuDevicePrimaryCtxRetain(made, device);
    Natives.write(outContext, made);
    return code;
  }

  @Override
  public int cuDevicePrimaryCtxRelease(int device) {
    return cudart.cuDevicePrimaryCtxRelease(device);
  }

  @Override
  public int cuCtxSetCurrent(long context) {
    return cudart.cuCtxSetCurrent(new CUctx_st(Natives.at(context)));
  }

  @Override
  public int cuCtxGetCurrent(long outContext) {
    CUctx_st made = new CUctx_st();
    int code = cudart.cuCtxGetCurrent(made);
    Natives.write(outContext, made);
    return code;
  }

  @Override
  public int cuCtxSynchronize() {
    return cudart.cuCtxSynchronize();
  }

  @Override
  public int cuMemGetInfo(long outFree, long outTotal) {
    return cudart.cuMemGetInfo(
        new SizeTPointer(Natives.at(outFree)), new SizeTPointer(Natives.at(outTotal)));
  }

  @Override
  public int cuMemAlloc(long outAddress, long bytes) {
    return cudart.cuMemAlloc(new LongPointer(Natives.at(outAddress)), bytes);
  }

  @Override
  public int cuMemFree(long address) {
    return cudart.cuMemFree(address);
  }

  @Override
  public int cuMemHostAlloc(long outAddress, long bytes, int flags) {
    return cudart.cuMemHostAlloc(new PointerPointer<>(Natives.at(outAddress)), bytes, flags);
  }

  @Override
  public int cuMemFreeHost(long address) {
    return cudart.cuMemFreeHost(Natives.at(address));
  }

  @Override
  public int cuMemHostRegister(long address, long bytes, int flags) {
    return cudart.cuMemHostRegister(Natives.at(address), bytes, flags);
  }

  @Override
  public int cuMemHostUnregister(long address) {
    return cudart.cuMemHostUnregister(Natives.at(address));
  }

  @Override
  public int cuMemcpyHtoD(long device, long host, long bytes) {
    return cudart.cuMemcpyHtoD(device, Natives.at(host), bytes);
  }

  @Override
  public int cuMemcpyDtoH(long host, long device, long bytes) {
    return cudart.cuMemcpyDtoH(Natives.at(host), device, bytes);
  }

  @Override
  public int cuMemcpyHtoDAsync(long device, long host, long bytes, long stream) {
    return cudart.cuMemcpyHtoDAsync(
        device, Natives.at(host), bytes, new CUstream_st(Natives.at(stream)));
  }

  @Override
  public int cuMemcpyDtoHAsync(long host, long device, long bytes, long stream) {
    return cudart.cuMemcpyDtoHAsync(
        Natives.at(host), device, bytes, new CUstream_st(Natives.at(stream)));
  }

  @Override
  public int cuMemcpyDtoDAsync(long to, long from, long bytes, long stream) {
    return cudart.cuMemcpyDtoDAsync(to, from, bytes, new CUstream_st(Natives.at(stream)));
  }

  @Override
  public int cuMemsetD8Async(long address, int value, long count, long stream) {
    return cudart.cuMemsetD8Async(
        address, (byte) value, count, new CUstream_st(Natives.at(stream)));
  }

  @Override
  public int cuMemsetD32Async(long address, int value, long count, long stream) {
    return cudart.cuMemsetD32Async(address, value, count, new CUstream_st(Natives.at(stream)));
  }

  @Override
  public int cuIpcGetMemHandle(long outHandle64, long address) {
    return cudart.cuIpcGetMemHandle(new CUipcMemHandle_v1(Natives.at(outHandle64)), address);
  }

  @Override
  public int cuIpcOpenMemHandle(long outAddress, long handle64, int flags) {
    return cudart.cuIpcOpenMemHandle(
        new LongPointer(Natives.at(outAddress)),
        new CUipcMemHandle_v1(Natives.at(handle64)),
        flags);
  }

  @Override
  public int cuIpcCloseMemHandle(long address) {
    return cudart.cuIpcCloseMemHandle(address);
  }
}
