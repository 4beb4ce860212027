package io.baton.engine.cuda.driver;

import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUlaunchConfig;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/** Streams, kernels and graphs through the presets of bytedeco. */
final class BytedecoLaunches implements LaunchApi {
  private static final int NOT_SUPPORTED = 801;

  @Override
  public int cuStreamCreate(long outStream, int flags) {
    CUstream_st made = new CUstream_st();
    int code = cudart.cuStreamCreate(made, flags);
    Natives.write(outStream, made);
    return code;
  }

  @Override
  public int cuStreamDestroy(long stream) {
    return cudart.cuStreamDestroy(new CUstream_st(Natives.at(stream)));
  }

  @Override
  public int cuStreamSynchronize(long stream) {
    return cudart.cuStreamSynchronize(new CUstream_st(Natives.at(stream)));
  }

  @Override
  public int cuStreamQuery(long stream) {
    return cudart.cuStreamQuery(new CUstream_st(Natives.at(stream)));
  }

  @Override
  public int cuStreamWaitEvent(long stream, long event, int flags) {
    return cudart.cuStreamWaitEvent(
        new CUstream_st(Natives.at(stream)), new CUevent_st(Natives.at(event)), flags);
  }

  @Override
  public int cuEventCreate(long outEvent, int flags) {
    CUevent_st made = new CUevent_st();
    int code = cudart.cuEventCreate(made, flags);
    Natives.write(outEvent, made);
    return code;
  }

  @Override
  public int cuEventDestroy(long event) {
    return cudart.cuEventDestroy(new CUevent_st(Natives.at(event)));
  }

  @Override
  public int cuEventRecord(long event, long stream) {
    return cudart.cuEventRecord(
        new CUevent_st(Natives.at(event)), new CUstream_st(Natives.at(stream)));
  }

  @Override
  public int cuEventSynchronize(long event) {
    return cudart.cuEventSynchronize(new CUevent_st(Natives.at(event)));
  }

  @Override
  public int cuEventQuery(long event) {
    return cudart.cuEventQuery(new CUevent_st(Natives.at(event)));
  }

  @Override
  public int cuEventElapsedTime(long outMillisFloat, long from, long to) {
    return cudart.cuEventElapsedTime(
        new FloatPointer(Natives.at(outMillisFloat)),
        new CUevent_st(Natives.at(from)),
        new CUevent_st(Natives.at(to)));
  }

  @Override
  public int cuModuleLoadData(long outModule, long image) {
    CUmod_st made = new CUmod_st();
    int code = cudart.cuModuleLoadData(made, Natives.at(image));
    Natives.write(outModule, made);
    return code;
  }

  @Override
  public int cuModuleUnload(long module) {
    return cudart.cuModuleUnload(new CUmod_st(Natives.at(module)));
  }

  @Override
  public int cuModuleGetFunction(long outFunction, long module, long name) {
    CUfunc_st made = new CUfunc_st();
    int code =
        cudart.cuModuleGetFunction(
            made, new CUmod_st(Natives.at(module)), new BytePointer(Natives.at(name)));
    Natives.write(outFunction, made);
    return code;
  }

  @Override
  public int cuFuncGetAttribute(long outInt, int attribute, long function) {
    return cudart.cuFuncGetAttribute(
        new IntPointer(Natives.at(outInt)), attribute, new CUfunc_st(Natives.at(function)));
  }

  @Override
  public int cuFuncSetAttribute(long function, int attribute, int value) {
    return cudart.cuFuncSetAttribute(new CUfunc_st(Natives.at(function)), attribute, value);
  }

  @Override
  public int cuOccupancyMaxActiveBlocksPerMultiprocessor(
      long outInt, long function, int blockSize, long sharedBytes) {
    return cudart.cuOccupancyMaxActiveBlocksPerMultiprocessor(
        new IntPointer(Natives.at(outInt)),
        new CUfunc_st(Natives.at(function)),
        blockSize,
        sharedBytes);
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
    return cudart.cuLaunchKernel(
        new CUfunc_st(Natives.at(function)),
        gridX,
        gridY,
        gridZ,
        blockX,
        blockY,
        blockZ,
        sharedBytes,
        new CUstream_st(Natives.at(stream)),
        new PointerPointer<>(Natives.at(parameters)),
        new PointerPointer<>(Natives.at(extra)));
  }

  @Override
  public int cuLaunchKernelEx(long config, long function, long parameters, long extra) {
    return cudart.cuLaunchKernelEx(
        new CUlaunchConfig(Natives.at(config)),
        new CUfunc_st(Natives.at(function)),
        new PointerPointer<>(Natives.at(parameters)),
        new PointerPointer<>(Natives.at(extra)));
  }

  @Override
  public int cuStreamBeginCapture(long stream, int mode) {
    return cudart.cuStreamBeginCapture(new CUstream_st(Natives.at(stream)), mode);
  }

  @Override
  public int cuStreamEndCapture(long stream, long outGraph) {
    CUgraph_st made = new CUgraph_st();
    int code = cudart.cuStreamEndCapture(new CUstream_st(Natives.at(stream)), made);
    Natives.write(outGraph, made);
    return code;
  }

  @Override
  public int cuGraphInstantiateWithFlags(long outExec, long graph, long flags) {
    CUgraphExec_st made = new CUgraphExec_st();
    int code = cudart.cuGraphInstantiate(made, new CUgraph_st(Natives.at(graph)), flags);
    Natives.write(outExec, made);
    return code;
  }

  @Override
  public int cuGraphUpload(long exec, long stream) {
    return cudart.cuGraphUpload(
        new CUgraphExec_st(Natives.at(exec)), new CUstream_st(Natives.at(stream)));
  }

  @Override
  public int cuGraphLaunch(long exec, long stream) {
    return cudart.cuGraphLaunch(
        new CUgraphExec_st(Natives.at(exec)), new CUstream_st(Natives.at(stream)));
  }

  /** The preset's form of it cannot ask for the number alone. */
  @Override
  public int cuGraphGetNodes(long graph, long outNodes, long inOutCount) {
    return NOT_SUPPORTED;
  }

  @Override
  public int cuGraphExecDestroy(long exec) {
    return cudart.cuGraphExecDestroy(new CUgraphExec_st(Natives.at(exec)));
  }

  @Override
  public int cuGraphDestroy(long graph) {
    return cudart.cuGraphDestroy(new CUgraph_st(Natives.at(graph)));
  }
}
