package io.baton.engine.cuda.check;

import io.baton.engine.backend.Backend;
import io.baton.engine.cuda.backend.CudaBackend;
import io.baton.engine.cuda.backend.RandomModel;
import io.baton.engine.cuda.bench.GpuCeilings;
import io.baton.engine.cuda.bench.Shapes;
import io.baton.engine.cuda.bench.StepBench;
import io.baton.engine.cuda.bench.Work;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.model.ModelConfig;
import io.baton.engine.model.ModelException;
import java.util.List;

/**
 * Steps of well-known shapes with random weights, in bfloat16, each beside its floor: weights and
 * KV read once at the speed of a large copy, or operations at the rate of a large product, both
 * measured in the same process. Nothing here fails; the figures are what it is for.
 */
final class BenchChecks implements CheckSuite {
  private static final int CONTEXT = 1024;
  private static final int DEMO_CONTEXT = 256;
  private static final int STEPS = 40;
  private static final int WARM_UP = 8;
  private static final int PROMPTS = 5;
  private static final int MOST_PROMPT = 8192;
  private static final int MOST_BATCH = 64;

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
    double bandwidth = GpuCeilings.bandwidth(c.device());
    c.figure("copy", bandwidth / 1e9, "GB/s read + write");
    int blocks = StepBench.blocks(MOST_BATCH, CONTEXT) + StepBench.blocks(1, MOST_PROMPT);
    var options =
        new RandomModel.Options(
            MOST_PROMPT + MOST_BATCH, MOST_BATCH, MOST_PROMPT + 64, blocks, true, false);
    Work work = Work.of(config, ElementType.BF16, ElementType.BF16);
    CudaDevice own = CudaDevice.open(c.api(), c.device().ordinal(), CudaDevice.Waiting.BLOCKING);
    long start = System.nanoTime();
    try (CudaBackend backend =
        RandomModel.open(own, c.compiler(), config, ElementType.BF16, options)) {
      c.figure("start", (System.nanoTime() - start) / 1e9, "s");
      for (int batch : new int[] {1, 8, MOST_BATCH}) {
        decode(c, backend, batch, work.decodeBytes(batch, CONTEXT) / bandwidth);
      }
      for (int batch : new int[] {1, MOST_BATCH}) {
        profile(c, backend, batch);
      }
      for (int prompt : prompts) {
        prefill(c, backend, prompt, work);
      }
    }
  }

  private static void decode(CheckContext c, Backend backend, int batch, double floorSeconds) {
    StepBench.Decode decode = new StepBench(backend).decode(batch, CONTEXT, WARM_UP, STEPS);
    double median = decode.medianMicros();
    c.figure(
        "decode, batch %d, 1k context".formatted(batch),
        "%.0f us a step, %.0f tokens/s, %.1f %% of the floor, CPU %.1f %%"
            .formatted(
                median,
                batch * 1e6 / median,
                100 * floorSeconds * 1e6 / median,
                100 * decode.cpuShare()));
  }

  private static void profile(CheckContext c, CudaBackend backend, int batch) {
    var text = new StringBuilder();
    double sum = 0;
    for (var part : backend.profile(new StepBench(backend).answers(batch, CONTEXT)).entrySet()) {
      text.append("%s %.0f, ".formatted(part.getKey(), part.getValue()));
      sum += part.getValue();
    }
    c.figure("parts, batch " + batch, text + "together %.0f us".formatted(sum));
  }

  private static void prefill(CheckContext c, Backend backend, int prompt, Work work)
      throws ModelException {
    int firstBlock = StepBench.blocks(MOST_BATCH, CONTEXT);
    double seconds = new StepBench(backend).prefill(prompt, firstBlock, 1, PROMPTS);
    c.figure(
        "prefill, %d tokens".formatted(prompt),
        "%.1f ms, %.0f tokens/s, %.0f TFLOP/s"
            .formatted(
                seconds * 1e3, prompt / seconds, work.prefillOperations(prompt) / seconds / 1e12));
  }

  private static void demo(CheckContext c) throws ModelException {
    for (boolean graphs : new boolean[] {false, true}) {
      try (Backend backend = ParityChecks.open(c, "baton-demo", "bf16", graphs)) {
        StepBench.Decode decode = new StepBench(backend).decode(1, DEMO_CONTEXT, 100, 300);
        double micros = decode.medianMicros();
        c.figure(
            graphs ? "batch 1, graphs" : "batch 1, kernel by kernel",
            "%.0f us a step, %.0f tokens/s".formatted(micros, 1e6 / micros));
      }
    }
  }
}
