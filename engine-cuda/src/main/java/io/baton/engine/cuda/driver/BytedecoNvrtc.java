package io.baton.engine.cuda.driver;

import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/** NVRTC through the presets of bytedeco. */
final class BytedecoNvrtc implements NvrtcApi {
  @Override
  public int nvrtcVersion(long outMajor, long outMinor) {
    return nvrtc.nvrtcVersion(
        new IntPointer(Natives.at(outMajor)), new IntPointer(Natives.at(outMinor)));
  }

  @Override
  public int nvrtcCreateProgram(
      long outProgram, long source, long name, int headers, long headerTexts, long headerNames) {
    _nvrtcProgram made = new _nvrtcProgram();
    int code =
        nvrtc.nvrtcCreateProgram(
            made,
            new BytePointer(Natives.at(source)),
            new BytePointer(Natives.at(name)),
            headers,
            new PointerPointer<>(Natives.at(headerTexts)),
            new PointerPointer<>(Natives.at(headerNames)));
    Natives.write(outProgram, made);
    return code;
  }

  @Override
  public int nvrtcCompileProgram(long program, int options, long optionTexts) {
    return nvrtc.nvrtcCompileProgram(
        new _nvrtcProgram(Natives.at(program)),
        options,
        new PointerPointer<>(Natives.at(optionTexts)));
  }

  @Override
  public int nvrtcGetProgramLogSize(long program, long outBytes) {
    return nvrtc.nvrtcGetProgramLogSize(
        new _nvrtcProgram(Natives.at(program)), new SizeTPointer(Natives.at(outBytes)));
  }

  @Override
  public int nvrtcGetProgramLog(long program, long outChars) {
    return nvrtc.nvrtcGetProgramLog(
        new _nvrtcProgram(Natives.at(program)), new BytePointer(Natives.at(outChars)));
  }

  @Override
  public int nvrtcGetCUBINSize(long program, long outBytes) {
    return nvrtc.nvrtcGetCUBINSize(
        new _nvrtcProgram(Natives.at(program)), new SizeTPointer(Natives.at(outBytes)));
  }

  @Override
  public int nvrtcGetCUBIN(long program, long outBytes) {
    return nvrtc.nvrtcGetCUBIN(
        new _nvrtcProgram(Natives.at(program)), new BytePointer(Natives.at(outBytes)));
  }

  @Override
  public int nvrtcDestroyProgram(long inOutProgram) {
    return nvrtc.nvrtcDestroyProgram(new PointerPointer<>(Natives.at(inOutProgram)));
  }
}
