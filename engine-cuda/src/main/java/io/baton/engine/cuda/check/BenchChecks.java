package io.baton.engine.cuda.check;

import io.baton.engine.backend.Backend;
import io.baton.engine.backend.StepBatch;
import io.baton.engine.cuda.backend.CudaBackend;
import io.baton.engine.cuda.backend.RandomModel;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.model.ModelConfig;
import io.baton.engine.model.ModelException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;

/**
 * Steps of well-known shapes with random weights, in bfloat16, each beside its floor: weights and
 * KV read once at the speed of a large copy, or operations at the rate of a large product, both
 * measured in the same process. Nothing here fails; the figures are what it is for.
 */
final class BenchChecks implements CheckSuite {
  private static final int CONTEXT = 1024;
  private static final int STEPS = 40;
  private static final int WARM_UP = 8;
  private static final int MOST_PROMPT = 8192;
  private static final int MOST_BATCH = 64;
  private static final long COPY_BYTES = 2L << 30;

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "bench.qwen3-8b",
            "decode and prefill, shape of Qwen3-8B",
            c -> shape(c, Shapes.QWEN3_8B, new int[] {512, 2048, 8192})),
        new GpuCheck(
            "bench.llama3-8b",
            "decode and prefill, shape of Llama 3 8B",
            c -> shape(c, Shapes.LLAMA3_8B, new int[] {2048})),
        new GpuCheck(
            "bench.qwen3-0.6b",
            "decode and prefill, shape of Qwen3-0.6B",
            c -> shape(c, Shapes.QWEN3_0_6B, new int[] {2048})),
        new GpuCheck("bench.demo", "decode, the demo model", BenchChecks::demo));
  }

  private static void shape(CheckContext c, ModelConfig config, int[] prompts)
      throws ModelException {
    double bandwidth = bandwidth(c);
    c.figure("copy", bandwidth / 1e9, "GB/s read + write");
    int blocks = MOST_BATCH * (CONTEXT / 16 + 2) + MOST_PROMPT / 16 + 2;
    var options =
        new RandomModel.Options(
            MOST_PROMPT + MOST_BATCH, MOST_BATCH, MOST_PROMPT + 64, blocks, true, false);
    RandomModel.Sizes sizes = RandomModel.sizes(config, ElementType.BF16);
    CudaDevice own = CudaDevice.open(c.api(), c.device().ordinal(), CudaDevice.Waiting.BLOCKING);
    long start = System.nanoTime();
    try (CudaBackend backend =
        RandomModel.open(own, c.compiler(), config, ElementType.BF16, options)) {
      c.figure("start", (System.nanoTime() - start) / 1e9, "s");
      for (int batch : new int[] {1, 8, MOST_BATCH}) {
        double floor =
            (sizes.weightBytes() + (double) batch * CONTEXT * sizes.kvBytesPerToken()) / bandwidth;
        decode(c, backend, batch, floor);
      }
      for (int batch : new int[] {1, MOST_BATCH}) {
        profile(c, backend, batch);
      }
      for (int prompt : prompts) {
        prefill(c, backend, prompt, sizes, config);
      }
    }
  }

  /** Bytes a second, read and written ones counted. */
  private static double bandwidth(CheckContext c) {
    try (DeviceMemory from = c.device().allocate(COPY_BYTES, "from");
        DeviceMemory to = c.device().allocate(COPY_BYTES, "to");
        CudaStream stream = c.device().newStream()) {
      double millis =
          CeilingChecks.best(
              c, stream, () -> stream.copy(to.address(), from.address(), COPY_BYTES));
      return 2e3 * COPY_BYTES / millis;
    }
  }

  private static void decode(CheckContext c, Backend backend, int batch, double floorSeconds) {
    var step = new StepBatch();
    var wall = new double[STEPS];
    long cpu = 0;
    for (int i = -WARM_UP; i < STEPS; i++) {
      long cpuBefore = cpuNanos();
      long before = System.nanoTime();
      backend.execute(answers(step, batch), layer -> {});
      for (int s = 0; s < batch; s++) {
        backend.argmax(s);
      }
      if (i >= 0) {
        wall[i] = (System.nanoTime() - before) / 1e3;
        cpu += cpuNanos() - cpuBefore;
      }
    }
    Arrays.sort(wall);
    double median = wall[STEPS / 2];
    c.figure(
        "decode, batch %d, 1k context".formatted(batch),
        "%.0f us a step, %.0f tokens/s, %.1f %% of the floor, CPU %.1f %%"
            .formatted(
                median,
                batch * 1e6 / median,
                100 * floorSeconds * 1e6 / median,
                100 * cpu / 1e3 / STEPS / median));
  }

  private static void profile(CheckContext c, CudaBackend backend, int batch) {
    var text = new StringBuilder();
    double sum = 0;
    for (var part : backend.profile(answers(new StepBatch(), batch)).entrySet()) {
      text.append("%s %.0f, ".formatted(part.getKey(), part.getValue()));
      sum += part.getValue();
    }
    c.figure("parts, batch " + batch, text + "together %.0f us".formatted(sum));
  }

  private static StepBatch answers(StepBatch step, int batch) {
    step.clear();
    for (int s = 0; s < batch; s++) {
      step.addSequence(ParityChecks.table(CONTEXT + 16, s * (CONTEXT / 16 + 2)), 0);
      step.addRow(7 * s + 1, CONTEXT - 1);
      step.wantLogits();
    }
    return step;
  }

  private static void prefill(
      CheckContext c, Backend backend, int prompt, RandomModel.Sizes sizes, ModelConfig config) {
    int firstBlock = MOST_BATCH * (CONTEXT / 16 + 2);
    int[] table = ParityChecks.table(prompt + 1, firstBlock);
    double best = Double.MAX_VALUE;
    var step = new StepBatch();
    for (int round = 0; round < 4; round++) {
      step.clear();
      step.addSequence(table);
      for (int i = 0; i < prompt; i++) {
        step.addRow(i % 1000, i);
      }
      step.wantLogits();
      long before = System.nanoTime();
      backend.execute(step, layer -> {});
      best = Math.min(best, (System.nanoTime() - before) / 1e9);
    }
    // The head is computed for one row only; attention over half the square.
    double head = 2.0 * config.vocabSize() * config.hiddenSize();
    double attention =
        2.0 * config.layers() * config.heads() * config.headDim() * (double) prompt * prompt;
    double operations = prompt * (sizes.flopsPerToken() - head) + head + attention;
    c.figure(
        "prefill, %d tokens".formatted(prompt),
        "%.1f ms, %.0f tokens/s, %.0f TFLOP/s"
            .formatted(best * 1e3, prompt / best, operations / best / 1e12));
  }

  private static void demo(CheckContext c) throws ModelException {
    for (boolean graphs : new boolean[] {false, true}) {
      try (Backend backend = ParityChecks.open(c, "baton-demo", "bf16", graphs)) {
        ParityChecks.lastLogits(backend, new int[100]);
        int steps = 300;
        int[] table = ParityChecks.table(600, 0);
        var step = new StepBatch();
        long start = 0;
        int token = 5;
        for (int i = -100; i < steps; i++) {
          start = i == 0 ? System.nanoTime() : start;
          step.clear();
          step.addSequence(table, 0);
          step.addRow(token, 200 + i);
          step.wantLogits();
          backend.execute(step, layer -> {});
          token = backend.argmax(0);
        }
        double micros = (System.nanoTime() - start) / 1e3 / steps;
        c.figure(
            graphs ? "batch 1, graphs" : "batch 1, kernel by kernel",
            "%.0f us a step, %.0f tokens/s".formatted(micros, 1e6 / micros));
      }
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
