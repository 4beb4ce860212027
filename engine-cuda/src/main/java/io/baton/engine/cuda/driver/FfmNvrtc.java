package io.baton.engine.cuda.driver;

import java.lang.foreign.MemorySegment;

/** NVRTC through {@code java.lang.foreign}. */
final class FfmNvrtc implements NvrtcApi {
  private final MemorySegment nvrtcVersion;
  private final MemorySegment nvrtcCreateProgram;
  private final MemorySegment nvrtcCompileProgram;
  private final MemorySegment nvrtcGetProgramLogSize;
  private final MemorySegment nvrtcGetProgramLog;
  private final MemorySegment nvrtcGetCUBINSize;
  private final MemorySegment nvrtcGetCUBIN;
  private final MemorySegment nvrtcDestroyProgram;

  /**
   * Finds all functions.
   *
   * @throws CudaUnavailableException if the library lacks one
   */
  FfmNvrtc(NativeLibrary library) {
    nvrtcVersion = library.function("nvrtcVersion");
    nvrtcCreateProgram = library.function("nvrtcCreateProgram");
    nvrtcCompileProgram = library.function("nvrtcCompileProgram");
    nvrtcGetProgramLogSize = library.function("nvrtcGetProgramLogSize");
    nvrtcGetProgramLog = library.function("nvrtcGetProgramLog");
    nvrtcGetCUBINSize = library.function("nvrtcGetCUBINSize");
    nvrtcGetCUBIN = library.function("nvrtcGetCUBIN");
    nvrtcDestroyProgram = library.function("nvrtcDestroyProgram");
  }

  @Override
  public int nvrtcVersion(long outMajor, long outMinor) {
    return Downcalls.call(nvrtcVersion, outMajor, outMinor);
  }

  @Override
  public int nvrtcCreateProgram(
      long outProgram, long source, long name, int headers, long headerTexts, long headerNames) {
    return Downcalls.call(
        nvrtcCreateProgram, outProgram, source, name, headers, headerTexts, headerNames);
  }

  @Override
  public int nvrtcCompileProgram(long program, int options, long optionTexts) {
    return Downcalls.call(nvrtcCompileProgram, program, options, optionTexts);
  }

  @Override
  public int nvrtcGetProgramLogSize(long program, long outBytes) {
    return Downcalls.call(nvrtcGetProgramLogSize, program, outBytes);
  }

  @Override
  public int nvrtcGetProgramLog(long program, long outChars) {
    return Downcalls.call(nvrtcGetProgramLog, program, outChars);
  }

  @Override
  public int nvrtcGetCUBINSize(long program, long outBytes) {
    return Downcalls.call(nvrtcGetCUBINSize, program, outBytes);
  }

  @Override
  public int nvrtcGetCUBIN(long program, long outBytes) {
    return Downcalls.call(nvrtcGetCUBIN, program, outBytes);
  }

  @Override
  public int nvrtcDestroyProgram(long inOutProgram) {
    return Downcalls.call(nvrtcDestroyProgram, inOutProgram);
  }
}
