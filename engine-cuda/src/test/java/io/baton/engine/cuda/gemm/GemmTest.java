package io.baton.engine.cuda.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.engine.cuda.compile.KernelCache;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.fake.FakeCuda;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The stand-in's cuBLASLt offers a fast algorithm whose bits depend on the number of rows, and two
 * that are always the same, one faster for few rows, one for many.
 */
class GemmTest {
  private static final int FICKLE = 2;
  private final FakeCuda cuda = new FakeCuda();
  private final CudaDevice device = CudaDevice.open(cuda, 0, CudaDevice.Waiting.BLOCKING);

  private static int kind(FakeCuda.Call matmul) {
    return MemorySegment.ofAddress(matmul.number(12)).reinterpret(4).get(ValueLayout.JAVA_INT, 0);
  }

  @Test
  void anAlgorithmWhoseBitsDependOnTheRowsIsNeverUsed() {
    try (var context = new GemmContext(device);
        CudaStream stream = device.newStream();
        Gemm gemm =
            Gemm.tuned(context, new GemmShape(3, 5, ElementType.F32, ElementType.F32), 70, stream);
        var memory = device.allocate(1 << 16, "matrices")) {
      int before = cuda.calls("cublasLtMatmul").size();
      for (int rows = 1; rows <= 70; rows++) {
        gemm.run(stream, memory.address(), memory.address(), memory.address() + 4096, rows);
      }

      List<FakeCuda.Call> runs = cuda.calls("cublasLtMatmul");
      List<Integer> kinds = runs.subList(before, runs.size()).stream().map(GemmTest::kind).toList();
      assertThat(kinds).hasSize(70).doesNotContain(FICKLE);
      assertThat(kinds.getFirst()).as("fast for one row").isEqualTo(1);
      assertThat(kinds.getLast()).as("fast for seventy").isEqualTo(3);
      assertThat(gemm.differentAlgorithms()).isEqualTo(2);
    }
    assertThat(cuda.leftOpen()).isEmpty();
  }

  private int productsToOpen(KernelCache cache) {
    int before = cuda.calls("cublasLtMatmul").size();
    try (var context = new GemmContext(device, Optional.of(cache));
        CudaStream stream = device.newStream();
        Gemm gemm =
            Gemm.tuned(context, new GemmShape(3, 5, ElementType.F32, ElementType.F32), 70, stream);
        var memory = device.allocate(1 << 16, "matrices")) {
      int tried = cuda.calls("cublasLtMatmul").size() - before;
      gemm.run(stream, memory.address(), memory.address(), memory.address() + 4096, 1);
      assertThat(kind(cuda.calls("cublasLtMatmul").getLast())).isEqualTo(1);
      return tried;
    }
  }

  @Test
  void aChoiceIsKeptAndOnlyComparedTheNextTime(@TempDir Path folder) throws IOException {
    int choosing = productsToOpen(new KernelCache(folder, 1 << 20));
    assertThat(productsToOpen(new KernelCache(folder, 1 << 20)))
        .isEqualTo(Gemm.buckets(70).length)
        .isLessThan(choosing);

    // Another library would offer other algorithms: what does not hold is chosen again.
    try (Stream<Path> files = Files.list(folder)) {
      Path kept = files.findFirst().orElseThrow();
      String key = kept.getFileName().toString().replace(".kernels", "");
      var cache = new KernelCache(folder, 1 << 20);
      byte[] bytes = cache.read(key).orElseThrow().cubin();
      bytes[8] = FICKLE;
      cache.write(key, new KernelCache.Entry(bytes, ""));
    }
    assertThat(productsToOpen(new KernelCache(folder, 1 << 20))).isGreaterThan(choosing);
    assertThat(cuda.leftOpen()).isEmpty();
  }

  @Test
  void rowsBeyondTheMostAreRefused() {
    try (var context = new GemmContext(device);
        CudaStream stream = device.newStream();
        Gemm gemm =
            Gemm.tuned(context, new GemmShape(2, 2, ElementType.F32, ElementType.F32), 4, stream)) {
      assertThatThrownBy(() -> gemm.run(stream, 0, 0, 0, 5))
          .hasMessage("rows: 5 (expected: 1 to 4)");
    }
  }

  @Test
  void typesThatNoAlgorithmTakesAreToldAtStart() {
    try (var context = new GemmContext(device);
        CudaStream stream = device.newStream()) {
      assertThatThrownBy(() ->
              Gemm.tuned(
                  context, new GemmShape(2, 2, ElementType.BF16, ElementType.BF16), 4, stream))
          .isInstanceOf(GemmException.class)
          .hasMessageContaining("2 x 2 BF16 to BF16");
    }
  }

  @Test
  void bucketsEndAtTheMost() {
    assertThat(Gemm.buckets(1)).containsExactly(1);
    assertThat(Gemm.buckets(70)).containsExactly(1, 2, 4, 8, 16, 32, 64, 70);
    assertThat(Gemm.buckets(64)).containsExactly(1, 2, 4, 8, 16, 32, 64);
    assertThat(Gemm.buckets(20_000)).endsWith(8192, 20_000);
  }
}
