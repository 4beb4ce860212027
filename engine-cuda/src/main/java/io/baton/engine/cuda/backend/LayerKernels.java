package io.baton.engine.cuda.backend;

import io.baton.engine.cuda.compile.Architecture;
import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.compile.KernelSource;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaFunction;
import io.baton.engine.cuda.driver.CudaModule;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.KernelArguments;
import io.baton.engine.cuda.driver.LaunchShape;

/**
 * Launches the kernels of layers.cu for one model. Each method puts one kernel into the stream. One
 * thread at a time.
 */
final class LayerKernels implements AutoCloseable {
  private static final int WARP = 32;
  private static final int MOST_NORM_THREADS = 512;
  private static final int HEADS_A_BLOCK = 8;
  private static final int ROPE_THREADS = 256;
  private static final int ATTENTION_THREADS = 128;
  private static final int SILU_THREADS = 256;
  private static final int ARGMAX_THREADS = 1024;

  private final ModelShape shape;
  private final CudaModule module;
  private final CudaFunction embed;
  private final CudaFunction norm;
  private final CudaFunction finalNorm;
  private final CudaFunction rope;
  private final CudaFunction attention;
  private final CudaFunction silu;
  private final CudaFunction argmax;
  private final KernelArguments embedArguments = KernelArguments.ofCount(3);
  private final KernelArguments normArguments = KernelArguments.ofCount(5);
  private final KernelArguments finalArguments = KernelArguments.ofCount(6);
  private final KernelArguments ropeArguments = KernelArguments.ofCount(9);
  private final KernelArguments attentionArguments = KernelArguments.ofCount(8);
  private final KernelArguments siluArguments = KernelArguments.ofCount(2);
  private final KernelArguments argmaxArguments = KernelArguments.ofCount(3);
  private final int vectors;
  private final int normThreads;

  LayerKernels(CudaDevice device, KernelCompiler compiler, ModelShape shape) {
    this.shape = shape;
    Architecture architecture = Architecture.of(device.computeCapability());
    KernelSource source = KernelSource.named("layers.cu");
    module = device.load(compiler.compile(source, architecture, shape.layerOptions()).cubin());
    embed = module.function("embed");
    norm = module.function("add_rmsnorm");
    finalNorm = module.function("final_norm");
    rope = module.function("qk_rope_kv");
    attention = module.function("attention_any");
    silu = module.function("silu_mul");
    argmax = module.function("argmax");
    vectors = 16 / shape.type().bytes();
    normThreads = normThreads(shape.hidden() / vectors);
    float eps = shape.config().normEps();
    normArguments.set(4, eps);
    finalArguments.set(5, eps);
    ropeArguments.set(8, eps);
    attentionArguments.set(7, (float) (1 / Math.sqrt(shape.config().headDim())));
    argmaxArguments.set(2, shape.config().vocabSize());
  }

  /** A thread for each 16 bytes of a row, in whole warps. */
  static int normThreads(int pieces) {
    int warps = Math.ceilDiv(Math.min(pieces, MOST_NORM_THREADS), WARP);
    return warps * WARP;
  }

  /** Rows of the embedding. */
  void embed(CudaStream stream, StepTables step, long table, long hidden) {
    embedArguments.set(0, step.tokens()).set(1, table).set(2, hidden);
    embed.launch(stream, LaunchShape.of(step.rows(), normThreads), embedArguments);
  }

  /** Adds {@code delta}, unless it is 0, to the residual stream, and normalizes that. */
  void norm(CudaStream stream, int rows, long hidden, long delta, long weight, long out) {
    normArguments.set(0, hidden).set(1, delta).set(2, weight).set(3, out);
    norm.launch(stream, LaunchShape.of(rows, normThreads), normArguments);
  }

  /** The same for rows whose logits are wanted, into rows side by side. */
  void finalNorm(CudaStream stream, StepTables step, Activations a, long weight) {
    finalArguments
        .set(0, a.hidden)
        .set(1, a.delta)
        .set(2, weight)
        .set(3, step.rowsOfLogits())
        .set(4, a.headInput);
    finalNorm.launch(stream, LaunchShape.of(step.logitRows(), normThreads), finalArguments);
  }

  /** Bias, norms of heads, rotation; K and V into the blocks. */
  void rope(
      CudaStream stream,
      StepTables step,
      long qkv,
      DeviceWeights.Layer layer,
      long turns,
      long kv) {
    ropeArguments
        .set(0, qkv)
        .set(1, layer.qkvBias())
        .set(2, layer.qNorm())
        .set(3, layer.kNorm())
        .set(4, turns)
        .set(5, step.positions())
        .set(6, step.slots())
        .set(7, kv);
    int heads = shape.config().heads() + 2 * shape.config().kvHeads();
    rope.launch(
        stream,
        LaunchShape.of(Math.ceilDiv(heads, HEADS_A_BLOCK), step.rows(), ROPE_THREADS),
        ropeArguments);
  }

  /** Attention of all rows, whatever they are. */
  void attention(CudaStream stream, StepTables step, Activations a, long kv) {
    attentionArguments
        .set(0, a.qkv)
        .set(1, kv)
        .set(2, step.blockTables())
        .set(3, step.stride())
        .set(4, step.sequenceOfRows())
        .set(5, step.positions())
        .set(6, a.attended);
    attention.launch(
        stream,
        LaunchShape.of(shape.config().heads(), step.rows(), ATTENTION_THREADS),
        attentionArguments);
  }

  void silu(CudaStream stream, int rows, long gateUp, long out) {
    siluArguments.set(0, gateUp).set(1, out);
    int pieces = Math.ceilDiv(shape.config().mlpSize() / vectors, SILU_THREADS);
    silu.launch(stream, LaunchShape.of(pieces, rows, SILU_THREADS), siluArguments);
  }

  /** Ids of the largest logits, written straight into host memory. */
  void argmax(CudaStream stream, int rows, long logits, long ids) {
    argmaxArguments.set(0, logits).set(1, ids);
    argmax.launch(stream, LaunchShape.of(rows, ARGMAX_THREADS), argmaxArguments);
  }

  CudaModule module() {
    return module;
  }

  @Override
  public void close() {
    module.close();
  }
}
