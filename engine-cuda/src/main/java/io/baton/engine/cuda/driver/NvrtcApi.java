package io.baton.engine.cuda.driver;

/** Part of nvrtc.h, with its names and order of arguments. */
public interface NvrtcApi {
  int nvrtcVersion(long outMajor, long outMinor);

  int nvrtcCreateProgram(
      long outProgram, long source, long name, int headers, long headerTexts, long headerNames);

  int nvrtcCompileProgram(long program, int options, long optionTexts);

  int nvrtcGetProgramLogSize(long program, long outBytes);

  int nvrtcGetProgramLog(long program, long outChars);

  int nvrtcGetCUBINSize(long program, long outBytes);

  int nvrtcGetCUBIN(long program, long outBytes);

  int nvrtcDestroyProgram(long inOutProgram);
}
