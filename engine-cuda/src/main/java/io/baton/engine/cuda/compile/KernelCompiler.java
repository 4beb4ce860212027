package io.baton.engine.cuda.compile;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.baton.engine.cuda.driver.NvrtcApi;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compiles CUDA C by NVRTC, or takes the code from a cache. Needs no driver. Any thread. */
public final class KernelCompiler {
  private static final Logger LOG = LoggerFactory.getLogger(KernelCompiler.class);

  /** Always given: language, and the usage of registers in the log. */
  private static final List<String> ALWAYS = List.of("--std=c++17", "--ptxas-options=-v");

  private static final int COMPILATION_FAILED = 6;
  private static final int BUILTINS_MISSING = 7;

  private final NvrtcApi nvrtc;
  private final Optional<KernelCache> cache;
  private final String version;

  public KernelCompiler(NvrtcApi nvrtc, Optional<KernelCache> cache) {
    this.nvrtc = nvrtc;
    this.cache = cache;
    this.version = readVersion();
  }

  /** Where code is kept, if anywhere. */
  public Optional<KernelCache> cache() {
    return cache;
  }

  /** Version of NVRTC, e.g. {@code 13.0}. */
  public String version() {
    return version;
  }

  /**
   * Code of a unit.
   *
   * @param options e.g. {@code -DHEAD_DIM=128}
   * @throws CompileException with the log if it does not compile
   */
  public CompiledKernels compile(
      KernelSource source, Architecture architecture, List<String> options) {
    long start = System.nanoTime();
    var all = new ArrayList<String>();
    all.add("--gpu-architecture=" + architecture.name());
    all.addAll(ALWAYS);
    all.addAll(options);
    String key = KernelCache.key(source, all, version);
    Optional<KernelCache.Entry> known = cache.flatMap(c -> c.read(key));
    if (known.isPresent()) {
      return new CompiledKernels(known.get().cubin(), known.get().log(), true, since(start));
    }
    KernelCache.Entry made = compileNow(source, all);
    cache.ifPresent(c -> c.write(key, made));
    long millis = since(start);
    LOG.info("compiled {} {} for {} in {} ms", source.name(), options, architecture.name(), millis);
    return new CompiledKernels(made.cubin(), made.log(), false, millis);
  }

  private KernelCache.Entry compileNow(KernelSource source, List<String> options) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment program = arena.allocate(JAVA_LONG);
      create(source, arena, program);
      try {
        long handle = program.get(JAVA_LONG, 0);
        int code =
            nvrtc.nvrtcCompileProgram(handle, options.size(), strings(arena, options).address());
        String log =
            text(
                arena,
                out -> nvrtc.nvrtcGetProgramLogSize(handle, out),
                out -> nvrtc.nvrtcGetProgramLog(handle, out));
        if (code != 0) {
          throw failure(source, options, code, log);
        }
        MemorySegment cubin =
            bytes(
                arena,
                out -> nvrtc.nvrtcGetCUBINSize(handle, out),
                out -> nvrtc.nvrtcGetCUBIN(handle, out));
        return new KernelCache.Entry(cubin.toArray(JAVA_BYTE), log);
      } finally {
        check("nvrtcDestroyProgram", nvrtc.nvrtcDestroyProgram(program.address()));
      }
    }
  }

  private void create(KernelSource source, Arena arena, MemorySegment program) {
    List<String> names = List.copyOf(source.headers().keySet());
    List<String> texts = names.stream().map(name -> source.headers().get(name)).toList();
    check(
        "nvrtcCreateProgram",
        nvrtc.nvrtcCreateProgram(
            program.address(),
            arena.allocateFrom(source.text()).address(),
            arena.allocateFrom(source.name()).address(),
            names.size(),
            strings(arena, texts).address(),
            strings(arena, names).address()));
  }

  private CompileException failure(
      KernelSource source, List<String> options, int code, String log) {
    String advice =
        switch (code) {
          case COMPILATION_FAILED -> "";
          case BUILTINS_MISSING ->
              ". To do: libnvrtc-builtins is missing beside libnvrtc; install all of NVRTC "
                  + version;
          default -> ". To do: look at the options; this NVRTC may not know the card yet";
        };
    return new CompileException(
        "%s with %s does not compile (NVRTC %s, result %d)%s:\n%s"
            .formatted(source.name(), options, version, code, advice, log.strip()));
  }

  private String readVersion() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT, 2);
      check("nvrtcVersion", nvrtc.nvrtcVersion(out.address(), out.address() + 4));
      return out.getAtIndex(JAVA_INT, 0) + "." + out.getAtIndex(JAVA_INT, 1);
    }
  }

  private static MemorySegment bytes(Arena arena, LongToIntFunction size, LongToIntFunction copy) {
    MemorySegment out = arena.allocate(JAVA_LONG);
    check("nvrtcGet...Size", size.applyAsInt(out.address()));
    MemorySegment into = arena.allocate(Math.max(1, out.get(JAVA_LONG, 0)));
    check("nvrtcGet...", copy.applyAsInt(into.address()));
    return into;
  }

  private static String text(Arena arena, LongToIntFunction size, LongToIntFunction copy) {
    return bytes(arena, size, copy).getString(0);
  }

  /** A {@code char*[]}. */
  private static MemorySegment strings(Arena arena, List<String> texts) {
    MemorySegment pointers = arena.allocate(JAVA_LONG, Math.max(1, texts.size()));
    for (int i = 0; i < texts.size(); i++) {
      pointers.setAtIndex(JAVA_LONG, i, arena.allocateFrom(texts.get(i)).address());
    }
    return pointers;
  }

  private static void check(String function, int code) {
    if (code != 0) {
      throw new CompileException(function + " failed: result " + code + " (expected: 0)");
    }
  }

  private static long since(long start) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }
}
