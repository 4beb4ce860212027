package io.baton.engine.cuda.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.engine.cuda.fake.FakeCuda;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelCompilerTest {
  private static final KernelSource SOURCE = KernelSource.of("one.cu", "void kernel() {}");

  @TempDir private Path folder;
  private final FakeCuda cuda = new FakeCuda();

  private KernelCompiler compiler(long maxBytes) {
    return new KernelCompiler(
        cuda.nvrtc(), Optional.of(new KernelCache(folder.resolve("kernels"), maxBytes)));
  }

  private int compilations() {
    return cuda.calls("nvrtcCompileProgram").size();
  }

  @Test
  void theSameIsCompiledOnceAndItsUsageIsKept() {
    var first = compiler(1 << 20).compile(SOURCE, Architecture.SM_90A, List.of("-DA=1"));
    var second = compiler(1 << 20).compile(SOURCE, Architecture.SM_90A, List.of("-DA=1"));

    assertThat(compilations()).isEqualTo(1);
    assertThat(second.cached()).isTrue();
    assertThat(second.cubin()).isEqualTo(first.cubin());
    assertThat(second.usage()).containsExactly(new KernelUsage("kernel", 24, 8, 12, 128));
  }

  @Test
  void whateverGoesIntoTheCodeMakesAnother() {
    var compiler = compiler(1 << 20);
    compiler.compile(SOURCE, Architecture.SM_90A, List.of());
    compiler.compile(SOURCE, Architecture.SM_80, List.of());
    compiler.compile(SOURCE, Architecture.SM_90A, List.of("-DA=1"));
    compiler.compile(
        KernelSource.of("one.cu", "void kernel() { }"), Architecture.SM_90A, List.of());
    compiler.compile(
        new KernelSource("one.cu", SOURCE.text(), Map.of("h.cuh", "")),
        Architecture.SM_90A,
        List.of());

    assertThat(compilations()).isEqualTo(5);
  }

  @Test
  void aDamagedEntryIsCompiledAgain() throws Exception {
    compiler(1 << 20).compile(SOURCE, Architecture.SM_90A, List.of());
    Path file = entries().getFirst();
    byte[] whole = Files.readAllBytes(file);
    for (int cut = 0; cut <= whole.length; cut += 7) {
      byte[] damaged = java.util.Arrays.copyOf(whole, whole.length);
      if (cut < whole.length) {
        damaged[cut] ^= 0x10;
      } else {
        damaged = java.util.Arrays.copyOf(whole, whole.length / 2);
      }
      Files.write(file, damaged);
      int before = compilations();

      compiler(1 << 20).compile(SOURCE, Architecture.SM_90A, List.of());

      assertThat(compilations()).as("damage at %d", cut).isEqualTo(before + 1);
      assertThat(Files.readAllBytes(file)).isEqualTo(whole);
    }
  }

  @Test
  void theFolderStaysBounded() throws Exception {
    for (int i = 0; i < 20; i++) {
      compiler(1000).compile(SOURCE, Architecture.SM_90A, List.of("-DI=" + i));
    }
    long bytes = 0;
    for (Path file : entries()) {
      bytes += Files.size(file);
    }
    assertThat(bytes).isBetween(1L, 1000L);
  }

  @Test
  void withoutAWritableFolderItStillCompiles() throws Exception {
    Files.writeString(folder.resolve("kernels"), "a file where the folder should be");

    assertThat(compiler(1000).compile(SOURCE, Architecture.SM_90A, List.of()).cubin()).isNotEmpty();
  }

  @Test
  void errorsHoldTheLog() {
    assertThatThrownBy(() ->
            compiler(1000)
                .compile(KernelSource.of("bad.cu", "#error"), Architecture.SM_90A, List.of("-DX")))
        .isInstanceOf(CompileException.class)
        .hasMessageContaining("bad.cu with [--gpu-architecture=sm_90a")
        .hasMessageContaining("-DX")
        .hasMessageContaining("#error directive");
  }

  @Test
  void cardsGetTheirArchitecture() {
    assertThat(Architecture.of(90)).isEqualTo(Architecture.SM_90A);
    assertThat(Architecture.of(80)).isEqualTo(Architecture.SM_80);
    assertThat(Architecture.of(89).name()).isEqualTo("sm_89");
    assertThatThrownBy(() -> Architecture.of(75))
        .hasMessage("compute capability: 7.5 (expected: 8.0 or newer, e.g. A100, L4, H100)");
  }

  @Test
  void sourcesOfTheResourcesAreFoundWithTheirVariants() {
    assertThat(KernelSource.all()).extracting(KernelSource::name).contains("driver_checks.cu");
    assertThat(KernelSource.named("driver_checks.cu").variants()).containsExactly(List.of());
    var source = KernelSource.of("v.cu", "// compile: -DA=1 -DB\n//compile:\nint x;\n");
    assertThat(source.variants()).containsExactly(List.of("-DA=1", "-DB"), List.of());
    assertThatThrownBy(() -> KernelSource.named("none.cu"))
        .hasMessageContaining("kernel source: none.cu (expected: a .cu file in");
  }

  private List<Path> entries() throws Exception {
    try (Stream<Path> files = Files.list(folder.resolve("kernels"))) {
      return files.toList();
    }
  }
}
