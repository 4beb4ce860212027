package io.baton.engine.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Looks at result codes, and reads results that a function writes to an address. */
final class Calls {
  private static final int LONGEST_TEXT = 1024;

  private final CudaApi api;

  Calls(CudaApi api) {
    this.api = api;
  }

  /** A function that writes its result to an address and returns a code. */
  @FunctionalInterface
  interface Writes {
    int to(long address);
  }

  /**
   * Does nothing on success.
   *
   * @param function name of the C function, for the message
   * @throws CudaException with code, name, meaning and what to do
   */
  void check(String function, int code) {
    if (code != 0) {
      throw failure(function, "", code);
    }
  }

  /** As {@link #check(String, int)}; the details follow the function's name in the message. */
  void check(String function, int code, String details) {
    if (code != 0) {
      throw failure(function, details, code);
    }
  }

  long longFrom(String function, Writes call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      check(function, call.to(out.address()));
      return out.get(JAVA_LONG, 0);
    }
  }

  int intFrom(String function, Writes call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      check(function, call.to(out.address()));
      return out.get(JAVA_INT, 0);
    }
  }

  CudaException failure(String function, String details, int code) {
    String name = text(code, true);
    String meaning = text(code, false);
    String message =
        function
            + (details.isEmpty() ? "" : " (" + details + ")")
            + " failed: "
            + name
            + " ("
            + code
            + (meaning.isEmpty() ? "" : ", " + meaning)
            + ")"
            + CudaErrors.advice(name);
    return new CudaException(code, name, function, message);
  }

  private String text(int code, boolean name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      int rc =
          name
              ? api.driver().cuGetErrorName(code, out.address())
              : api.driver().cuGetErrorString(code, out.address());
      MemorySegment text = out.get(ADDRESS, 0);
      if (rc != 0 || text.address() == 0) {
        return name ? "CUDA_ERROR_" + code : "";
      }
      return text.reinterpret(LONGEST_TEXT).getString(0);
    }
  }
}
