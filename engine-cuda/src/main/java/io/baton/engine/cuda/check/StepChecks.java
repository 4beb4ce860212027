package io.baton.engine.cuda.check;

import io.baton.engine.backend.Backend;
import io.baton.engine.backend.StepBatch;
import io.baton.engine.cuda.backend.CudaBackend;
import io.baton.engine.cuda.backend.RandomModel;
import io.baton.engine.cuda.bench.Shapes;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.model.ModelException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Whole steps in the shape of large models: fast kernels against general ones, and bits. */
final class StepChecks implements CheckSuite {
  private static final int BLOCKS = 1024;
  private static final int[] LENGTHS = {1, 15, 16, 17, 64, 100, 333, 1000, 2100};

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "step.fast-attention",
            "the fast kernels compute what the general ones do",
            StepChecks::fastAttention),
        new GpuCheck(
            "step.chunks", "bits do not depend on how a prompt is cut", StepChecks::chunks),
        new GpuCheck(
            "step.batch", "bits do not depend on what else is in the step", StepChecks::batch),
        new GpuCheck("step.graphs", "a graph has the bits of its kernels", StepChecks::graphs),
        new GpuCheck(
            "step.kv-moves", "KV that left and came back is the same", StepChecks::kvMoves));
  }

  private static CudaBackend open(CheckContext c, ElementType type, boolean graphs, boolean general)
      throws ModelException {
    CudaDevice own = CudaDevice.open(c.api(), c.device().ordinal(), CudaDevice.Waiting.BLOCKING);
    return RandomModel.open(
        own,
        c.compiler(),
        Shapes.SMALL,
        type,
        new RandomModel.Options(2304, 64, 4096, BLOCKS, graphs, general));
  }

  private static int[] prompt(int length, long seed) {
    return new SplittableRandom(seed).ints(length, 0, 2048).toArray();
  }

  /** Computes a prompt in chunks, then answers' tokens one by one; the logits after each. */
  private static List<float[]> run(Backend backend, int[] tokens, int chunk, int answers) {
    int[] table = ParityChecks.table(tokens.length + 1, 7);
    int prompt = tokens.length - answers;
    var logits = new ArrayList<float[]>();
    for (int at = 0; at < prompt; at += chunk) {
      var batch = new StepBatch();
      batch.addSequence(table, prompt);
      for (int i = at; i < Math.min(prompt, at + chunk); i++) {
        batch.addRow(tokens[i], i);
      }
      batch.wantLogits();
      backend.execute(batch, layer -> {});
      if (at + chunk >= prompt) {
        logits.add(logits(backend, 0));
      }
    }
    for (int i = prompt; i < tokens.length; i++) {
      var batch = new StepBatch();
      batch.addSequence(table, prompt);
      batch.addRow(tokens[i], i);
      batch.wantLogits();
      backend.execute(batch, layer -> {});
      logits.add(logits(backend, 0));
    }
    return logits;
  }

  private static float[] logits(Backend backend, int index) {
    var logits = new float[backend.vocabSize()];
    backend.logits(index, logits);
    return logits;
  }

  private static void fastAttention(CheckContext c) throws ModelException {
    for (ElementType type : new ElementType[] {ElementType.BF16, ElementType.F16}) {
      double worst = 0;
      try (CudaBackend fast = open(c, type, false, false);
          CudaBackend general = open(c, type, false, true)) {
        for (int length : LENGTHS) {
          int[] tokens = prompt(length + 3, length);
          List<float[]> expected = run(general, tokens, 512, 3);
          List<float[]> found = run(fast, tokens, 512, 3);
          for (int i = 0; i < expected.size(); i++) {
            double error = ParityChecks.relative(found.get(i), expected.get(i));
            worst = Math.max(worst, error);
            c.require(error <= 2e-2, "%s, %d tokens, answer %d: %s", type, length, i, error);
          }
        }
      }
      c.figure(type.name(), worst, "largest relative L2");
    }
  }

  private static void chunks(CheckContext c) throws ModelException {
    try (CudaBackend backend = open(c, ElementType.BF16, false, false)) {
      int[] tokens = prompt(1003, 1);
      List<float[]> whole = run(backend, tokens, 2048, 3);
      for (int chunk : new int[] {1000, 512, 128, 100, 64, 17}) {
        List<float[]> cut = run(backend, tokens, chunk, 3);
        for (int i = 0; i < whole.size(); i++) {
          requireSame(c, whole.get(i), cut.get(i), "chunks of " + chunk + ", answer " + i);
        }
      }
    }
  }

  private static void batch(CheckContext c) throws ModelException {
    for (boolean graphs : new boolean[] {false, true}) {
      try (CudaBackend backend = open(c, ElementType.BF16, graphs, false)) {
        int[] tokens = prompt(200, 2);
        float[] alone = run(backend, tokens, 512, 1).getLast();
        for (int others : new int[] {1, 2, 6, 7, 30, 40}) {
          // The others' KV is whatever lies in their blocks; twice, for a graph to be made.
          for (int round = 0; round < 3; round++) {
            var batch = new StepBatch();
            for (int i = 0; i < others; i++) {
              batch.addSequence(ParityChecks.table(150 + i, 200 + 12 * i), 0);
              batch.addRow(i, 100 + i);
              batch.wantLogits();
            }
            batch.addSequence(ParityChecks.table(tokens.length + 1, 7), tokens.length - 1);
            batch.addRow(tokens[tokens.length - 1], tokens.length - 1);
            int index = batch.wantLogits();
            backend.execute(batch, layer -> {});
            requireSame(c, alone, logits(backend, index), others + " others, graphs " + graphs);
          }
        }
      }
    }
  }

  private static void graphs(CheckContext c) throws ModelException {
    try (CudaBackend eager = open(c, ElementType.BF16, false, false);
        CudaBackend graphs = open(c, ElementType.BF16, true, false)) {
      int[] tokens = prompt(300, 3);
      List<float[]> expected = run(eager, tokens, 512, 40);
      List<float[]> found = run(graphs, tokens, 512, 40);
      for (int i = 0; i < expected.size(); i++) {
        requireSame(c, expected.get(i), found.get(i), "answer " + i);
      }
    }
  }

  private static void kvMoves(CheckContext c) throws ModelException {
    try (CudaBackend from = open(c, ElementType.BF16, false, false);
        CudaBackend to = open(c, ElementType.BF16, false, false)) {
      int[] tokens = prompt(100, 4);
      float[] expected = run(from, tokens, 512, 1).getLast();
      int layers = from.layout().layers();
      ByteBuffer buffer = ByteBuffer.allocate(from.layout().layerBlockBytes());
      for (int block = 7; block < 7 + 99 / 16 + 1; block++) {
        for (int layer = 0; layer < layers; layer++) {
          buffer.clear();
          from.exportBlock(block, layer, buffer);
          buffer.flip();
          to.importBlock(block, layer, buffer);
        }
      }
      var batch = new StepBatch();
      batch.addSequence(ParityChecks.table(tokens.length + 1, 7), tokens.length - 1);
      batch.addRow(tokens[tokens.length - 1], tokens.length - 1);
      batch.wantLogits();
      to.execute(batch, layer -> {});
      requireSame(c, expected, logits(to, 0), "after the move");
    }
  }

  private static void requireSame(CheckContext c, float[] expected, float[] found, String where) {
    int differs = Arrays.mismatch(expected, found);
    c.require(
        differs < 0,
        "%s: logit %d is %s (expected: %s)",
        where,
        differs,
        differs < 0 ? 0 : found[differs],
        differs < 0 ? 0 : expected[differs]);
  }
}
