package io.baton.engine.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Calls of C functions of the forms that CUDA has. Every handle is a static constant and called
 * exactly, so that a call costs some nanoseconds; the function's address is an argument. Names give
 * the parameters in order: I for int, L for long.
 */
final class Downcalls {
  private static final Linker LINKER = Linker.nativeLinker();

  /** {@code CUipcMemHandle}: 64 bytes, passed by value. */
  private static final MemoryLayout HANDLE =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(IpcHandle.BYTES, JAVA_BYTE));

  private static final MethodHandle TAKES_NOTHING = handle("");
  private static final MethodHandle TAKES_I = handle("I");
  private static final MethodHandle TAKES_L = handle("L");
  private static final MethodHandle TAKES_II = handle("II");
  private static final MethodHandle TAKES_IL = handle("IL");
  private static final MethodHandle TAKES_LI = handle("LI");
  private static final MethodHandle TAKES_LL = handle("LL");
  private static final MethodHandle TAKES_LII = handle("LII");
  private static final MethodHandle TAKES_LIL = handle("LIL");
  private static final MethodHandle TAKES_LLI = handle("LLI");
  private static final MethodHandle TAKES_LLL = handle("LLL");
  private static final MethodHandle TAKES_LILL = handle("LILL");
  private static final MethodHandle TAKES_LLIL = handle("LLIL");
  private static final MethodHandle TAKES_LLLL = handle("LLLL");
  private static final MethodHandle TAKES_LILLL = handle("LILLL");
  private static final MethodHandle TAKES_LLLILL = handle("LLLILL");
  private static final MethodHandle TAKES_LLLLLLLL = handle("LLLLLLLL");
  private static final MethodHandle TAKES_LLLLLLLILL = handle("LLLLLLLILL");
  private static final MethodHandle TAKES_LIIIIIIILLL = handle("LIIIIIIILLL");
  private static final MethodHandle TAKES_LLLLLLLLLLLLLLLL = handle("LLLLLLLLLLLLLLLL");
  private static final MethodHandle RETURNS_LONG =
      LINKER.downcallHandle(FunctionDescriptor.of(JAVA_LONG));
  private static final MethodHandle TAKES_L_HANDLE_I =
      LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, HANDLE, JAVA_INT));

  private Downcalls() {}

  private static MethodHandle handle(String form) {
    MemoryLayout[] parameters =
        form.chars().mapToObj(c -> c == 'I' ? JAVA_INT : JAVA_LONG).toArray(MemoryLayout[]::new);
    return LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static RuntimeException unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException e ? e : new IllegalStateException(thrown);
  }

  static long callLong(MemorySegment function) {
    try {
      return (long) RETURNS_LONG.invokeExact(function);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Passes the 64 bytes at an address by value. */
  static int callWithHandle(MemorySegment function, long a, long handleAt, int b) {
    MemorySegment handle = MemorySegment.ofAddress(handleAt).reinterpret(IpcHandle.BYTES);
    try {
      return (int) TAKES_L_HANDLE_I.invokeExact(function, a, handle, b);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int call(MemorySegment function) {
    try {
      return (int) TAKES_NOTHING.invokeExact(function);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, int a) {
    try {
      return (int) TAKES_I.invokeExact(function, a);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, long a) {
    try {
      return (int) TAKES_L.invokeExact(function, a);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, int a, int b) {
    try {
      return (int) TAKES_II.invokeExact(function, a, b);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, int a, long b) {
    try {
      return (int) TAKES_IL.invokeExact(function, a, b);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, long a, int b) {
    try {
      return (int) TAKES_LI.invokeExact(function, a, b);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, long a, long b) {
    try {
      return (int) TAKES_LL.invokeExact(function, a, b);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, long a, int b, int c) {
    try {
      return (int) TAKES_LII.invokeExact(function, a, b, c);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, long a, int b, long c) {
    try {
      return (int) TAKES_LIL.invokeExact(function, a, b, c);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, long a, long b, int c) {
    try {
      return (int) TAKES_LLI.invokeExact(function, a, b, c);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, long a, long b, long c) {
    try {
      return (int) TAKES_LLL.invokeExact(function, a, b, c);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, long a, int b, long c, long d) {
    try {
      return (int) TAKES_LILL.invokeExact(function, a, b, c, d);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, long a, long b, int c, long d) {
    try {
      return (int) TAKES_LLIL.invokeExact(function, a, b, c, d);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, long a, long b, long c, long d) {
    try {
      return (int) TAKES_LLLL.invokeExact(function, a, b, c, d);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, long a, int b, long c, long d, long e) {
    try {
      return (int) TAKES_LILLL.invokeExact(function, a, b, c, d, e);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(MemorySegment function, long a, long b, long c, int d, long e, long f) {
    try {
      return (int) TAKES_LLLILL.invokeExact(function, a, b, c, d, e, f);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(
      MemorySegment function, long a, long b, long c, long d, long e, long f, long g, long h) {
    try {
      return (int) TAKES_LLLLLLLL.invokeExact(function, a, b, c, d, e, f, g, h);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(
      MemorySegment function,
      long a,
      long b,
      long c,
      long d,
      long e,
      long f,
      long g,
      int h,
      long i,
      long j) {
    try {
      return (int) TAKES_LLLLLLLILL.invokeExact(function, a, b, c, d, e, f, g, h, i, j);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(
      MemorySegment function,
      long a,
      int b,
      int c,
      int d,
      int e,
      int f,
      int g,
      int h,
      long i,
      long j,
      long k) {
    try {
      return (int) TAKES_LIIIIIIILLL.invokeExact(function, a, b, c, d, e, f, g, h, i, j, k);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  static int call(
      MemorySegment function,
      long a,
      long b,
      long c,
      long d,
      long e,
      long f,
      long g,
      long h,
      long i,
      long j,
      long k,
      long l,
      long m,
      long n,
      long o,
      long p) {
    try {
      return (int)
          TAKES_LLLLLLLLLLLLLLLL.invokeExact(
              function, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
