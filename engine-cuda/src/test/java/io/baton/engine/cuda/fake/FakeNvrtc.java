package io.baton.engine.cuda.fake;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Compiles everything to a few bytes, but for sources with {@code #error}. */
@SuppressWarnings("unused") // called by name
final class FakeNvrtc {
  /** What its code begins with. */
  static final int MAGIC = 0x464b4355;

  private static final int COMPILATION_FAILED = 6;
  private static final String USAGE =
      """
      ptxas info    : Compiling entry function 'kernel' for 'sm_90a'
      ptxas info    : Function properties for kernel
          0 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads
      ptxas info    : Used 24 registers, used 0 barriers, 128 bytes smem
      """;

  private final Map<Long, String> sources = new HashMap<>();
  private final Map<Long, String> logs = new HashMap<>();
  private long programs = 1;

  int nvrtcVersion(long major, long minor) {
    Native.putInt(major, 13);
    Native.putInt(minor, 0);
    return 0;
  }

  int nvrtcCreateProgram(
      long out, long source, long name, int headers, long headerTexts, long headerNames) {
    long program = programs++;
    sources.put(program, Native.text(source));
    Native.putLong(out, program);
    return 0;
  }

  int nvrtcCompileProgram(long program, int options, long optionTexts) {
    boolean fails = sources.get(program).contains("#error");
    logs.put(program, fails ? "kernel.cu(1): error: #error directive" : USAGE);
    return fails ? COMPILATION_FAILED : 0;
  }

  int nvrtcGetProgramLogSize(long program, long out) {
    Native.putLong(out, logs.get(program).length() + 1);
    return 0;
  }

  int nvrtcGetProgramLog(long program, long out) {
    Native.at(out, logs.get(program).length() + 1)
        .setString(0, logs.get(program), StandardCharsets.US_ASCII);
    return 0;
  }

  int nvrtcGetCUBINSize(long program, long out) {
    Native.putLong(out, 16);
    return 0;
  }

  int nvrtcGetCUBIN(long program, long out) {
    Native.putInt(out, MAGIC);
    Native.putInt(out + 4, sources.get(program).hashCode());
    Native.putLong(out + 8, 0);
    return 0;
  }

  int nvrtcDestroyProgram(long program) {
    return 0;
  }
}
