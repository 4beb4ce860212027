package io.baton.engine.cuda.check;

import io.baton.engine.cuda.compile.CompiledKernels;
import io.baton.engine.cuda.compile.KernelCache;
import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.compile.KernelSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Kernels are compiled for this card, once. */
final class CompileChecks implements CheckSuite {

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "compile.cache",
            "kernels compile, load, come from the cache, and survive a damaged entry",
            CompileChecks::cache));
  }

  private static void cache(CheckContext c) throws IOException {
    var cache = new KernelCache(c.folder().resolve("cache"), 16 << 20);
    var compiler = new KernelCompiler(c.api().nvrtc(), Optional.of(cache));
    KernelSource source = KernelSource.named(DriverChecks.UNIT);
    // NVRTC has a cache of its own, whose answers have no log: nobody may have asked for this
    // before.
    List<String> options = List.of("-DSALT=" + System.nanoTime());
    CompiledKernels first = compiler.compile(source, c.architecture(), options);
    CompiledKernels second = compiler.compile(source, c.architecture(), options);
    c.require(!first.cached() && second.cached(), "the second was not from the cache");
    c.require(
        second.usage().equals(first.usage()) && !first.usage().isEmpty(), "log: %s", second.log());
    damage(c.folder().resolve("cache"));
    CompiledKernels third = compiler.compile(source, c.architecture(), options);
    c.require(!third.cached(), "a damaged entry was used");
    c.device().load(third.cubin()).close();
    c.figure("NVRTC", compiler.version());
    c.figure("compile", first.millis(), "ms");
    c.figure("from the cache", second.millis(), "ms");
  }

  private static void damage(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
      }
    }
  }
}
