package io.baton.engine.cuda.compile;

import io.baton.engine.cuda.driver.Bindings;
import io.baton.engine.cuda.driver.CudaUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compiles every kernel for the architectures that are promised, without a GPU or driver, and
 * prints what each needs. Arguments: folders with NVRTC; {@code --sources FOLDER} for other
 * sources.
 */
public final class CompileAll {
  private static final List<Architecture> PROMISED =
      List.of(Architecture.SM_80, Architecture.SM_90A);
  private static final int FAILED = 1;
  private static final int NO_COMPILER = 3;

  private CompileAll() {}

  /** Ends with 0 if all compiles, 1 if not, 3 if there is no NVRTC. */
  public static void main(String[] arguments) throws IOException {
    System.exit(run(List.of(arguments)));
  }

  private static int run(List<String> arguments) throws IOException {
    var folders = new ArrayList<Path>();
    Optional<Path> sources = Optional.empty();
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).equals("--sources") && i + 1 < arguments.size()) {
        sources = Optional.of(Path.of(arguments.get(++i)));
      } else {
        folders.add(Path.of(arguments.get(i)));
      }
    }
    KernelCompiler compiler;
    try {
      var nvrtc = Bindings.open(Bindings.Choice.FFM, folders).nvrtc();
      compiler = new KernelCompiler(nvrtc, Optional.empty());
    } catch (CudaUnavailableException e) {
      System.err.println("kernels: NOT COMPILED: " + e.getMessage());
      return NO_COMPILER;
    }
    System.out.println("kernels: NVRTC " + compiler.version());
    List<KernelSource> all =
        sources.isPresent() ? KernelSource.in(sources.get()) : KernelSource.all();
    return compile(compiler, all);
  }

  private static int compile(KernelCompiler compiler, List<KernelSource> sources) {
    int passed = 0;
    int failed = 0;
    for (KernelSource source : sources) {
      for (List<String> variant : source.variants()) {
        for (Architecture architecture : PROMISED) {
          if (compile(compiler, source, variant, architecture)) {
            passed++;
          } else {
            failed++;
          }
        }
      }
    }
    System.out.printf("%d passed, %d failed%n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : FAILED;
  }

  private static boolean compile(
      KernelCompiler compiler,
      KernelSource source,
      List<String> variant,
      Architecture architecture) {
    String what = source.name() + " " + String.join(" ", variant);
    try {
      CompiledKernels compiled = compiler.compile(source, architecture, variant);
      System.out.printf(
          "%s %s: %d bytes, %d ms%n",
          what.strip(), architecture.name(), compiled.cubin().length, compiled.millis());
      if (compiled.usage().isEmpty()) {
        System.out.println("  (NVRTC answered from its own cache, without registers and spills)");
      }
      for (KernelUsage usage : compiled.usage()) {
        System.out.printf(
            "  %-44s %3d registers, spills %d/%d bytes, shared %d bytes%n",
            usage.kernel(),
            usage.registers(),
            usage.spillStores(),
            usage.spillLoads(),
            usage.sharedBytes());
      }
      return true;
    } catch (CompileException e) {
      System.out.println("FAILED " + e.getMessage());
      return false;
    }
  }
}
