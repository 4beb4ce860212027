package io.baton.engine.backend.cpu;

import io.baton.engine.backend.Backend;
import io.baton.engine.backend.KvLayout;
import io.baton.engine.backend.StepBatch;
import io.baton.engine.model.Checkpoint;
import io.baton.engine.model.ModelConfig;
import io.baton.engine.model.ModelException;
import io.baton.engine.model.Weights;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The forward pass of Llama-like transformers. Activations are float32, {@code [row, padded]}. */
public final class CpuBackend implements Backend {
  private final Arena arena;
  private final ModelConfig config;
  private final Kernels kernels;
  private final WorkerTeam team;
  private final KvArrays kv;
  private final KvArrays hostKv;
  private final KvLayout layout;
  private final Rotation rotation;

  private final Matrix embedding;
  private final List<CpuLayer> layers;
  private final float[] finalNorm;
  private final Matrix head;

  private final MatmulTask matmul;
  private final AttentionTask attention;

  // Widths of rows, padded.
  private final int hiddenWidth;
  private final int queryWidth;
  private final int kvWidth;
  private final int mlpWidth;
  private final int vocabWidth;

  // Activations, one row per token of the step; they grow to the largest step.
  private int capacity;
  private float[] hidden = {};
  private float[] normed = {};
  private float[] q = {};
  private float[] k = {};
  private float[] v = {};
  private float[] attended = {};
  private float[] gate = {};
  private float[] up = {};
  private float[] logits = {};

  /**
   * Maps the weights and takes the KV memory.
   *
   * @param maxPositions longest context
   * @param threads threads of a step, the caller's included
   * @param vectors whether to use the Vector API where there is one
   */
  public CpuBackend(
      Checkpoint checkpoint,
      int blockSize,
      int blocks,
      int hostBlocks,
      int maxPositions,
      int threads,
      boolean vectors)
      throws ModelException {
    arena = Arena.ofShared();
    config = checkpoint.config();
    Weights weights = checkpoint.mapWeights(arena);
    kernels = KernelChoice.best(vectors);
    team = new WorkerTeam(threads);
    int heads = config.kvHeads();
    kv = new KvArrays(config.layers(), heads, config.headDim(), blockSize, blocks);
    hostKv = new KvArrays(config.layers(), heads, config.headDim(), blockSize, hostBlocks);
    layout = kv.layout(checkpoint.fingerprint());
    rotation = new Rotation(config.rope(), maxPositions);

    embedding = Matrix.of(weights.embedding(), null);
    layers = weights.layers().stream().map(CpuLayer::of).toList();
    finalNorm = Matrix.vector(weights.finalNorm());
    head = Matrix.of(weights.head(), null);

    hiddenWidth = Kernels.padded(config.hiddenSize());
    queryWidth = Kernels.padded(config.heads() * config.headDim());
    kvWidth = Kernels.padded(heads * config.headDim());
    mlpWidth = Kernels.padded(config.mlpSize());
    vocabWidth = Kernels.padded(config.vocabSize());
    int longest = Math.max(hiddenWidth, Math.max(queryWidth, mlpWidth));
    matmul = new MatmulTask(team, kernels, longest);
    attention = new AttentionTask(team, kernels, config, blockSize);
  }

  /** KV bytes of one block of this model. */
  public static long blockBytes(ModelConfig config, int blockSize) {
    return KvArrays.blockBytes(config.layers(), config.kvHeads(), config.headDim(), blockSize);
  }

  /** What computes, for the log. */
  public String describe() {
    return kernels.describe() + ", " + team.workers() + " threads";
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public KvLayout layout() {
    return layout;
  }

  @Override
  public int vocabSize() {
    return config.vocabSize();
  }

  @Override
  public boolean decidesTokens() {
    return false;
  }

  @Override
  public void execute(StepBatch batch, LayerListener listener) {
    int rows = batch.rows();
    ensureCapacity(rows, batch.logitRows());
    attention.plan(batch);
    for (int row = 0; row < rows; row++) {
      embedding.readRow(batch.token(row), hidden, row * hiddenWidth);
    }
    for (int i = 0; i < layers.size(); i++) {
      CpuLayer layer = layers.get(i);
      writeKv(i, layer, batch);
      listener.onLayer(i);
      attention.run(kv.k(i), kv.v(i), q, attended);
      matmul.rows(attended, queryWidth, rows).times(layer.o(), normed, hiddenWidth).run();
      addToHidden(rows);
      mlp(layer, rows);
    }
    outputs(batch);
  }

  /** q of all rows, and K and V into the blocks. */
  private void writeKv(int index, CpuLayer layer, StepBatch batch) {
    int rows = batch.rows();
    normalize(layer.inputNorm(), rows);
    matmul
        .rows(normed, hiddenWidth, rows)
        .times(layer.q(), q, queryWidth)
        .times(layer.k(), k, kvWidth)
        .times(layer.v(), v, kvWidth)
        .run();
    for (int s = 0; s < batch.sequences(); s++) {
      int end = batch.firstRow(s) + batch.rowCount(s);
      for (int row = batch.firstRow(s); row < end; row++) {
        int position = batch.position(row);
        turn(q, row * queryWidth, config.heads(), layer.qNorm(), position);
        turn(k, row * kvWidth, config.kvHeads(), layer.kNorm(), position);
        kv.write(index, batch.blockTable(s), position, k, v, row * kvWidth);
      }
    }
  }

  private void turn(float[] x, int offset, int heads, float @Nullable [] norm, int position) {
    for (int h = 0; h < heads; h++) {
      int at = offset + h * config.headDim();
      if (norm != null) {
        kernels.rmsNorm(x, at, norm, config.normEps(), x, at);
      }
      rotation.rotate(x, at, position);
    }
  }

  private void mlp(CpuLayer layer, int rows) {
    normalize(layer.mlpNorm(), rows);
    matmul
        .rows(normed, hiddenWidth, rows)
        .times(layer.gate(), gate, mlpWidth)
        .times(layer.up(), up, mlpWidth)
        .run();
    kernels.siluMultiply(gate, up, 0, rows * mlpWidth);
    matmul.rows(gate, mlpWidth, rows).times(layer.down(), normed, hiddenWidth).run();
    addToHidden(rows);
  }

  private void normalize(float[] weight, int rows) {
    for (int row = 0; row < rows; row++) {
      int at = row * hiddenWidth;
      kernels.rmsNorm(hidden, at, weight, config.normEps(), normed, at);
    }
  }

  private void addToHidden(int rows) {
    for (int i = 0; i < rows * hiddenWidth; i++) {
      hidden[i] += normed[i];
    }
  }

  /** Only rows that are asked for become logits. */
  private void outputs(StepBatch batch) {
    int count = batch.logitRows();
    if (count == 0) {
      return;
    }
    for (int i = 0; i < count; i++) {
      int from = batch.logitRow(i) * hiddenWidth;
      kernels.rmsNorm(hidden, from, finalNorm, config.normEps(), normed, i * hiddenWidth);
    }
    matmul.rows(normed, hiddenWidth, count).times(head, logits, vocabWidth).run();
  }

  private void ensureCapacity(int rows, int logitRows) {
    if (logits.length < logitRows * vocabWidth) {
      logits = new float[Math.multiplyExact(logitRows, vocabWidth)];
    }
    if (rows <= capacity) {
      return;
    }
    capacity = Math.max(rows, 2 * capacity);
    hidden = new float[Math.multiplyExact(capacity, hiddenWidth)];
    normed = new float[hidden.length];
    q = new float[Math.multiplyExact(capacity, queryWidth)];
    attended = new float[q.length];
    k = new float[Math.multiplyExact(capacity, kvWidth)];
    v = new float[k.length];
    gate = new float[Math.multiplyExact(capacity, mlpWidth)];
    up = new float[gate.length];
  }

  @Override
  public int argmax(int index) {
    int first = index * vocabWidth;
    int best = first;
    for (int i = first + 1; i < first + config.vocabSize(); i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best - first;
  }

  @Override
  public void logits(int index, float[] into) {
    System.arraycopy(logits, index * vocabWidth, into, 0, config.vocabSize());
  }

  @Override
  public void copyToHost(int block, int hostBlock) {
    kv.copyBlock(block, hostKv, hostBlock);
  }

  @Override
  public void copyFromHost(int hostBlock, int block) {
    hostKv.copyBlock(hostBlock, kv, block);
  }

  @Override
  public void exportBlock(int block, int layer, ByteBuffer into) {
    kv.exportBlock(block, layer, into);
  }

  @Override
  public void importBlock(int block, int layer, ByteBuffer from) {
    kv.importBlock(block, layer, from);
  }

  @Override
  public void close() {
    team.close();
    arena.close();
  }
}
