package io.baton.engine.cuda.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.baton.engine.backend.Backend;
import io.baton.engine.backend.StepBatch;
import io.baton.engine.backend.cpu.CpuBackend;
import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaException;
import io.baton.engine.cuda.fake.FakeCuda;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.model.Checkpoint;
import io.baton.engine.model.ModelException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables, launches and their order are right: with kernels in Java, steps are those of the CPU. */
class CudaBackendTest {
  private static final Path MODELS = Path.of("..", "models", "parity");
  private static final int BLOCK = 16;
  private static final int BLOCKS = 24;
  private final FakeCuda cuda = new FakeCuda();

  private CudaBackend open(Checkpoint checkpoint, boolean graphs) throws ModelException {
    JavaKernels.teach(cuda, checkpoint.config(), BLOCK);
    CudaDevice device = CudaDevice.open(cuda, 0, CudaDevice.Waiting.BLOCKING);
    ModelShape shape = ModelShape.of(checkpoint.config(), ElementType.F32, BLOCK);
    return new CudaBackend.Builder(
            device,
            new KernelCompiler(cuda.nvrtc(), Optional.empty()),
            shape,
            WeightLoader.load(device, shape, checkpoint),
            checkpoint.fingerprint(),
            new StepLimits(40, 4, 4, 128),
            graphs,
            false)
        .shared(true)
        .build(BLOCKS, 4);
  }

  private static Checkpoint checkpoint(String model) throws ModelException {
    return Checkpoint.read(MODELS.resolve(model));
  }

  private static CpuBackend cpu(Checkpoint checkpoint) throws ModelException {
    return new CpuBackend(checkpoint, BLOCK, BLOCKS, 4, 128, 1, false);
  }

  /** A prompt in two chunks, the second beside another prompt; then answers of both. */
  private static List<float[]> run(Backend backend, int answers) {
    var random = new SplittableRandom(9);
    int[] first = random.ints(40, 3, backend.vocabSize()).toArray();
    int[] second = random.ints(15, 3, backend.vocabSize()).toArray();
    int[] firstTable = {5, 2, 9, 11, 12};
    int[] secondTable = {7, 3, 14};
    var logits = new ArrayList<float[]>();
    var batch = new StepBatch();
    chunk(batch, first, firstTable, 0, 25, false);
    backend.execute(batch, layer -> {});
    batch.clear();
    chunk(batch, first, firstTable, 25, 40, true);
    chunk(batch, second, secondTable, 0, 15, true);
    backend.execute(batch, layer -> {});
    logits.add(logits(backend, 0));
    logits.add(logits(backend, 1));
    for (int i = 0; i < answers; i++) {
      batch.clear();
      batch.addSequence(firstTable, 40);
      batch.addRow(10 + i, 40 + i);
      batch.wantLogits();
      batch.addSequence(secondTable, 15);
      batch.addRow(20 + i, 15 + i);
      batch.wantLogits();
      backend.execute(batch, layer -> {});
      logits.add(logits(backend, 0));
      logits.add(logits(backend, 1));
    }
    return logits;
  }

  private static void chunk(
      StepBatch batch, int[] tokens, int[] table, int from, int to, boolean last) {
    batch.addSequence(table, tokens.length);
    for (int i = from; i < to; i++) {
      batch.addRow(tokens[i], i);
    }
    if (last) {
      batch.wantLogits();
    }
  }

  private static float[] logits(Backend backend, int index) {
    var logits = new float[backend.vocabSize()];
    backend.logits(index, logits);
    assertThat(logits[backend.argmax(index)]).isEqualTo(max(logits));
    return logits;
  }

  private static float max(float[] values) {
    float most = values[0];
    for (float value : values) {
      most = Math.max(most, value);
    }
    return most;
  }

  private static void assertNear(List<float[]> found, List<float[]> expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i)).as("row %d", i).containsExactly(expected.get(i), within(1e-3f));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen3", "qwen2", "llama", "mistral"})
  void stepsAreThoseOfTheCpu(String model) throws ModelException {
    Checkpoint checkpoint = checkpoint(model);
    try (CudaBackend gpu = open(checkpoint, false);
        CpuBackend cpu = cpu(checkpoint)) {
      assertNear(run(gpu, 4), run(cpu, 4));
    }
    assertThat(cuda.leftOpen()).isEmpty();
  }

  @Test
  void stepsOfAnswersBecomeGraphsAndStayTheSame() throws ModelException {
    Checkpoint checkpoint = checkpoint("qwen3");
    try (CudaBackend gpu = open(checkpoint, true);
        CpuBackend cpu = cpu(checkpoint)) {
      assertNear(run(gpu, 6), run(cpu, 6));
      // The first of each kind runs kernel by kernel, so that all is loaded before the capture.
      assertThat(cuda.calls("cuGraphLaunch")).hasSize(5);
      assertThat(gpu.graphs()).isEqualTo(1);
      assertThat(gpu.counters().get("cuda.steps").getAsLong()).isEqualTo(8);
      assertThat(gpu.counters().get("cuda.graph.steps").getAsLong()).isEqualTo(5);
      assertThat(gpu.counters().get("cuda.graphs.made").getAsLong()).isEqualTo(1);
      assertThat(gpu.counters().get("cuda.step.rows").getAsLong()).isEqualTo(25 + 30 + 6 * 2);
    }
    assertThat(cuda.leftOpen()).isEmpty();
  }

  @Test
  void blocksThatWentToTheHostAndToAnotherEngineComeBackTheSame() throws ModelException {
    Checkpoint checkpoint = checkpoint("qwen3");
    try (CudaBackend gpu = open(checkpoint, false)) {
      List<float[]> expected = run(gpu, 1);
      int[] moved = {5, 2, 9};
      for (int i = 0; i < moved.length; i++) {
        gpu.copyToHost(moved[i], i);
      }
      ByteBuffer two = ByteBuffer.allocate(2 * gpu.layout().layerBlockBytes());
      for (int layer = 0; layer < gpu.layout().layers(); layer++) {
        two.clear();
        gpu.exportBlocks(moved, 0, 2, layer, two);
        two.flip();
        gpu.importBlocks(new int[] {17, 20}, 0, 2, layer, two);
      }
      gpu.copyFromHost(2, 19);

      var batch = new StepBatch();
      batch.addSequence(new int[] {17, 20, 19}, 40);
      batch.addRow(10, 40);
      batch.wantLogits();
      gpu.execute(batch, layer -> {});

      assertNear(List.of(logits(gpu, 0)), List.of(expected.get(2)));
    }
  }

  @Test
  void layersAreToldInOrder() throws ModelException {
    Checkpoint checkpoint = checkpoint("qwen3");
    try (CudaBackend gpu = open(checkpoint, false)) {
      var told = new ArrayList<Integer>();
      var batch = new StepBatch();
      chunk(batch, new int[] {4, 5, 6}, new int[] {1}, 0, 3, true);
      gpu.execute(batch, told::add);
      assertThat(told).containsExactly(0, 1, 2);
    }
  }

  @Test
  void aStickyErrorInAStepIsToldAsTheEndOfTheProcess() throws ModelException {
    Checkpoint checkpoint = checkpoint("qwen3");
    CudaBackend gpu = open(checkpoint, false);
    cuda.breakWith(700);
    var batch = new StepBatch();
    chunk(batch, new int[] {4, 5, 6}, new int[] {1}, 0, 3, true);
    assertThatThrownBy(() -> gpu.execute(batch, layer -> {}))
        .isInstanceOfSatisfying(CudaException.class, e -> assertThat(e.endsProcess()).isTrue());
  }

  @Test
  void typesThatDoNotFitTheModelsSizesAreNamed() throws ModelException {
    Checkpoint checkpoint = checkpoint("llama");
    assertThatThrownBy(() -> ModelShape.of(checkpoint.config(), ElementType.BF16, BLOCK))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("intermediate_size: 172")
        .hasMessageContaining("a multiple of 8");
  }
}
