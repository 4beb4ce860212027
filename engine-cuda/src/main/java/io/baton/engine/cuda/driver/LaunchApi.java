package io.baton.engine.cuda.driver;

/** Streams, events, kernels, graphs: part of cuda.h, with its names and order of arguments. */
public interface LaunchApi {
  int cuStreamCreate(long outStream, int flags);

  int cuStreamDestroy(long stream);

  int cuStreamSynchronize(long stream);

  int cuStreamQuery(long stream);

  int cuStreamWaitEvent(long stream, long event, int flags);

  int cuEventCreate(long outEvent, int flags);

  int cuEventDestroy(long event);

  int cuEventRecord(long event, long stream);

  int cuEventSynchronize(long event);

  int cuEventQuery(long event);

  int cuEventElapsedTime(long outMillisFloat, long from, long to);

  int cuModuleLoadData(long outModule, long image);

  int cuModuleUnload(long module);

  int cuModuleGetFunction(long outFunction, long module, long name);

  int cuFuncGetAttribute(long outInt, int attribute, long function);

  int cuFuncSetAttribute(long function, int attribute, int value);

  int cuOccupancyMaxActiveBlocksPerMultiprocessor(
      long outInt, long function, int blockSize, long sharedBytes);

  int cuLaunchKernel(
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
      long extra);

  int cuLaunchKernelEx(long config, long function, long parameters, long extra);

  int cuStreamBeginCapture(long stream, int mode);

  int cuStreamEndCapture(long stream, long outGraph);

  int cuGraphInstantiateWithFlags(long outExec, long graph, long flags);

  int cuGraphUpload(long exec, long stream);

  int cuGraphLaunch(long exec, long stream);

  int cuGraphGetNodes(long graph, long outNodes, long inOutCount);

  int cuGraphExecDestroy(long exec);

  int cuGraphDestroy(long graph);
}
