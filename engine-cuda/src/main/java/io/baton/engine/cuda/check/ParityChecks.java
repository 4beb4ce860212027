package io.baton.engine.cuda.check;

import io.baton.engine.EngineSettings;
import io.baton.engine.EngineSettings.BackendKind;
import io.baton.engine.EngineSettings.Cache;
import io.baton.engine.EngineSettings.Gpu;
import io.baton.engine.EngineSettings.Limits;
import io.baton.engine.backend.Backend;
import io.baton.engine.backend.StepBatch;
import io.baton.engine.backend.cpu.CpuBackend;
import io.baton.engine.check.CaseResult;
import io.baton.engine.check.EngineCheck;
import io.baton.engine.cuda.backend.CudaBackendProvider;
import io.baton.engine.model.Checkpoint;
import io.baton.engine.model.ModelException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** Against the reference runs of the small models, and against the CPU. */
final class ParityChecks implements CheckSuite {
  private static final List<String> MODELS =
      List.of("baton-demo", "parity/llama", "parity/mistral", "parity/qwen2", "parity/qwen3");
  private static final int BLOCKS = 256;
  private static final double MOST_ERROR_16_BITS = 2e-2;

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "parity.f32",
            "logits and greedy ids of the reference runs, in float32",
            ParityChecks::references),
        new GpuCheck(
            "parity.bf16", "logits near the CPU's in bfloat16", c -> sixteenBits(c, "bf16")),
        new GpuCheck("parity.f16", "logits near the CPU's in float16", c -> sixteenBits(c, "f16")));
  }

  /** An open backend of a model of the installation. */
  static Backend open(CheckContext c, String model, String elementType, boolean graphs)
      throws ModelException {
    Path dir = c.models().resolve(model);
    EngineSettings settings =
        EngineSettings.cpu(dir)
            .withBackend(BackendKind.CUDA)
            .withCache(new Cache(16, BLOCKS, 0, 0, true))
            .withLimits(new Limits(2048, 1024, 512, 0))
            .withGpu(
                new Gpu(c.device().ordinal(), "auto", List.of(), 0.5, elementType, graphs, true));
    return new CudaBackendProvider().open(settings, Checkpoint.read(dir)).backend();
  }

  private static void references(CheckContext c) throws ModelException, IOException {
    for (String model : MODELS) {
      Path dir = c.models().resolve(model);
      Path golden = dir.resolveSibling("golden").resolve(dir.getFileName() + ".json");
      if (!java.nio.file.Files.exists(golden)) {
        golden = dir.resolve("golden.json");
      }
      var text = new StringWriter();
      try (Backend backend = open(c, model, "f32", false)) {
        CaseResult worst = EngineCheck.compare(backend, golden, new PrintWriter(text, true));
        c.figure(model + " logits", worst.logitError(), "largest error");
        c.require(worst.agrees(), "%s differs:%n%s", model, text);
      }
    }
  }

  private static void sixteenBits(CheckContext c, String type) throws ModelException {
    String model = "baton-demo";
    Checkpoint checkpoint = Checkpoint.read(c.models().resolve(model));
    int vocabulary = checkpoint.config().vocabSize();
    int[] prompt = new SplittableRandom(5).ints(300, 3, vocabulary).toArray();
    try (Backend gpu = open(c, model, type, false);
        var cpu = new CpuBackend(checkpoint, 16, 32, 0, 512, 2, true)) {
      float[] expected = lastLogits(cpu, prompt);
      float[] found = lastLogits(gpu, prompt);
      double error = relative(found, expected);
      c.figure(model + " " + type, error, "relative L2");
      c.require(error <= MOST_ERROR_16_BITS, "relative error %s", error);
    }
  }

  static float[] lastLogits(Backend backend, int[] prompt) {
    var batch = new StepBatch();
    batch.addSequence(table(prompt.length + 1, 0));
    for (int i = 0; i < prompt.length; i++) {
      batch.addRow(prompt[i], i);
    }
    batch.wantLogits();
    backend.execute(batch, layer -> {});
    var logits = new float[backend.vocabSize()];
    backend.logits(0, logits);
    return logits;
  }

  /** Blocks one after the other. */
  static int[] table(int positions, int firstBlock) {
    var table = new int[positions / 16 + 1];
    for (int i = 0; i < table.length; i++) {
      table[i] = firstBlock + i;
    }
    return table;
  }

  static double relative(float[] found, float[] expected) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow((double) found[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(error / norm);
  }
}
