package io.baton.engine.cuda.driver;

import java.lang.foreign.MemorySegment;

/** Streams, kernels and graphs through {@code java.lang.foreign}. */
final class FfmLaunches implements LaunchApi {
  private final MemorySegment cuStreamCreate;
  private final MemorySegment cuStreamDestroy;
  private final MemorySegment cuStreamSynchronize;
  private final MemorySegment cuStreamQuery;
  private final MemorySegment cuStreamWaitEvent;
  private final MemorySegment cuEventCreate;
  private final MemorySegment cuEventDestroy;
  private final MemorySegment cuEventRecord;
  private final MemorySegment cuEventSynchronize;
  private final MemorySegment cuEventQuery;
  private final MemorySegment cuEventElapsedTime;
  private final MemorySegment cuModuleLoadData;
  private final MemorySegment cuModuleUnload;
  private final MemorySegment cuModuleGetFunction;
  private final MemorySegment cuFuncGetAttribute;
  private final MemorySegment cuFuncSetAttribute;
  private final MemorySegment cuOccupancyMaxActiveBlocksPerMultiprocessor;
  private final MemorySegment cuLaunchKernel;
  private final MemorySegment cuLaunchKernelEx;
  private final MemorySegment cuStreamBeginCapture;
  private final MemorySegment cuStreamEndCapture;
  private final MemorySegment cuGraphInstantiateWithFlags;
  private final MemorySegment cuGraphUpload;
  private final MemorySegment cuGraphLaunch;
  private final MemorySegment cuGraphGetNodes;
  private final MemorySegment cuGraphExecDestroy;
  private final MemorySegment cuGraphDestroy;

  /**
   * Finds all functions.
   *
   * @throws CudaUnavailableException if the library lacks one
   */
  FfmLaunches(NativeLibrary library) {
    cuStreamCreate = library.function("cuStreamCreate");
    cuStreamDestroy = library.function("cuStreamDestroy_v2");
    cuStreamSynchronize = library.function("cuStreamSynchronize");
    cuStreamQuery = library.function("cuStreamQuery");
    cuStreamWaitEvent = library.function("cuStreamWaitEvent");
    cuEventCreate = library.function("cuEventCreate");
    cuEventDestroy = library.function("cuEventDestroy_v2");
    cuEventRecord = library.function("cuEventRecord");
    cuEventSynchronize = library.function("cuEventSynchronize");
    cuEventQuery = library.function("cuEventQuery");
    cuEventElapsedTime = library.function("cuEventElapsedTime");
    cuModuleLoadData = library.function("cuModuleLoadData");
    cuModuleUnload = library.function("cuModuleUnload");
    cuModuleGetFunction = library.function("cuModuleGetFunction");
    cuFuncGetAttribute = library.function("cuFuncGetAttribute");
    cuFuncSetAttribute = library.function("cuFuncSetAttribute");
    cuOccupancyMaxActiveBlocksPerMultiprocessor =
        library.function("cuOccupancyMaxActiveBlocksPerMultiprocessor");
    cuLaunchKernel = library.function("cuLaunchKernel");
    cuLaunchKernelEx = library.function("cuLaunchKernelEx");
    cuStreamBeginCapture = library.function("cuStreamBeginCapture_v2");
    cuStreamEndCapture = library.function("cuStreamEndCapture");
    cuGraphInstantiateWithFlags = library.function("cuGraphInstantiateWithFlags");
    cuGraphUpload = library.function("cuGraphUpload");
    cuGraphLaunch = library.function("cuGraphLaunch");
    cuGraphGetNodes = library.function("cuGraphGetNodes");
    cuGraphExecDestroy = library.function("cuGraphExecDestroy");
    cuGraphDestroy = library.function("cuGraphDestroy");
  }

  @Override
  public int cuStreamCreate(long outStream, int flags) {
    return Downcalls.call(cuStreamCreate, outStream, flags);
  }

  @Override
  public int cuStreamDestroy(long stream) {
    return Downcalls.call(cuStreamDestroy, stream);
  }

  @Override
  public int cuStreamSynchronize(long stream) {
    return Downcalls.call(cuStreamSynchronize, stream);
  }

  @Override
  public int cuStreamQuery(long stream) {
    return Downcalls.call(cuStreamQuery, stream);
  }

  @Override
  public int cuStreamWaitEvent(long stream, long event, int flags) {
    return Downcalls.call(cuStreamWaitEvent, stream, event, flags);
  }

  @Override
  public int cuEventCreate(long outEvent, int flags) {
    return Downcalls.call(cuEventCreate, outEvent, flags);
  }

  @Override
  public int cuEventDestroy(long event) {
    return Downcalls.call(cuEventDestroy, event);
  }

  @Override
  public int cuEventRecord(long event, long stream) {
    return Downcalls.call(cuEventRecord, event, stream);
  }

  @Override
  public int cuEventSynchronize(long event) {
    return Downcalls.call(cuEventSynchronize, event);
  }

  @Override
  public int cuEventQuery(long event) {
    return Downcalls.call(cuEventQuery, event);
  }

  @Override
  public int cuEventElapsedTime(long outMillisFloat, long from, long to) {
    return Downcalls.call(cuEventElapsedTime, outMillisFloat, from, to);
  }

  @Override
  public int cuModuleLoadData(long outModule, long image) {
    return Downcalls.call(cuModuleLoadData, outModule, image);
  }

  @Override
  public int cuModuleUnload(long module) {
    return Downcalls.call(cuModuleUnload, module);
  }

  @Override
  public int cuModuleGetFunction(long outFunction, long module, long name) {
    return Downcalls.call(cuModuleGetFunction, outFunction, module, name);
  }

  @Override
  public int cuFuncGetAttribute(long outInt, int attribute, long function) {
    return Downcalls.call(cuFuncGetAttribute, outInt, attribute, function);
  }

  @Override
  public int cuFuncSetAttribute(long function, int attribute, int value) {
    return Downcalls.call(cuFuncSetAttribute, function, attribute, value);
  }

  @Override
  public int cuOccupancyMaxActiveBlocksPerMultiprocessor(
      long outInt, long function, int blockSize, long sharedBytes) {
    return Downcalls.call(
        cuOccupancyMaxActiveBlocksPerMultiprocessor, outInt, function, blockSize, sharedBytes);
  }

  @Override
  public int cuLaunchKernel(
      long function,
      int gridX,
      int gridY,
      int gridZ,
      int blockX,
      int blockY,
      int blockZ,
      int sharedBytes,
      long stream,
      long parameters,
      long extra) {
    return Downcalls.call(
        cuLaunchKernel,
        function,
        gridX,
        gridY,
        gridZ,
        blockX,
        blockY,
        blockZ,
        sharedBytes,
        stream,
        parameters,
        extra);
  }

  @Override
  public int cuLaunchKernelEx(long config, long function, long parameters, long extra) {
    return Downcalls.call(cuLaunchKernelEx, config, function, parameters, extra);
  }

  @Override
  public int cuStreamBeginCapture(long stream, int mode) {
    return Downcalls.call(cuStreamBeginCapture, stream, mode);
  }

  @Override
  public int cuStreamEndCapture(long stream, long outGraph) {
    return Downcalls.call(cuStreamEndCapture, stream, outGraph);
  }

  @Override
  public int cuGraphInstantiateWithFlags(long outExec, long graph, long flags) {
    return Downcalls.call(cuGraphInstantiateWithFlags, outExec, graph, flags);
  }

  @Override
  public int cuGraphUpload(long exec, long stream) {
    return Downcalls.call(cuGraphUpload, exec, stream);
  }

  @Override
  public int cuGraphLaunch(long exec, long stream) {
    return Downcalls.call(cuGraphLaunch, exec, stream);
  }

  @Override
  public int cuGraphGetNodes(long graph, long outNodes, long inOutCount) {
    return Downcalls.call(cuGraphGetNodes, graph, outNodes, inOutCount);
  }

  @Override
  public int cuGraphExecDestroy(long exec) {
    return Downcalls.call(cuGraphExecDestroy, exec);
  }

  @Override
  public int cuGraphDestroy(long graph) {
    return Downcalls.call(cuGraphDestroy, graph);
  }
}
