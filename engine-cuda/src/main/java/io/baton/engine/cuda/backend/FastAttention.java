package io.baton.engine.cuda.backend;

import io.baton.engine.backend.StepBatch;
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
 * The kernels of attention.cu: rows of prompts by matrix instructions, rows of answers split over
 * the context. How a row is split depends on its position alone. One thread at a time.
 */
final class FastAttention implements AutoCloseable {
  /**
   * Blocks of KV in a split at least: with fewer, putting splits together costs more than it gains.
   */
  static final int LEAST_PER_SPLIT = 8;

  static final int MOST_SPLITS = 32;

  private static final int DECODE_THREADS = 128;
  private static final int PREFILL_THREADS = 256;
  private static final int PREFILL_ROWS = 128;
  private static final int PREFILL_SHARED = 64 << 10;
  private static final double LOG2_E = 1 / Math.log(2);

  private final ModelShape shape;
  private final int mostAnswers;
  private final CudaModule module;
  private final CudaFunction decode;
  private final CudaFunction combine;
  private final CudaFunction prefill;
  private final KernelArguments decodeArguments = KernelArguments.ofCount(12);
  private final KernelArguments combineArguments = KernelArguments.ofCount(7);
  private final KernelArguments prefillArguments = KernelArguments.ofCount(9);

  /**
   * Compiles and loads.
   *
   * @param mostAnswers rows of answers at once; more are done in groups
   */
  FastAttention(CudaDevice device, KernelCompiler compiler, ModelShape shape, int mostAnswers) {
    this.shape = shape;
    this.mostAnswers = mostAnswers;
    Architecture architecture = Architecture.of(device.computeCapability());
    KernelSource source = KernelSource.named("attention.cu");
    module = device.load(compiler.compile(source, architecture, shape.options()).cubin());
    decode = module.function("attention_decode");
    combine = module.function("attention_combine");
    prefill = module.function("attention_prefill");
    prefill.allowShared(PREFILL_SHARED);
    float scale = (float) (LOG2_E / Math.sqrt(shape.config().headDim()));
    decodeArguments.set(9, scale).set(10, LEAST_PER_SPLIT).set(11, MOST_SPLITS);
    combineArguments.set(5, LEAST_PER_SPLIT).set(6, MOST_SPLITS);
    prefillArguments.set(8, scale);
  }

  /** Bytes for the parts of so many rows. */
  static long partsBytes(ModelShape shape, int rows) {
    return (long) rows
        * shape.config().heads()
        * MOST_SPLITS
        * (shape.config().headDim() + 2)
        * Float.BYTES;
  }

  /** Splits that a grid needs for contexts of at most so many blocks. */
  static int gridSplits(int blocks) {
    return Math.min(MOST_SPLITS, Math.ceilDiv(blocks, LEAST_PER_SPLIT));
  }

  /** Rows of prompts, a launch for each sequence that has some. */
  void prompts(CudaStream stream, StepBatch batch, StepTables step, Activations a, long kv) {
    prefillArguments.set(0, a.qkv).set(1, kv).set(2, step.blockTables()).set(7, a.attended);
    for (int s = 0; s < batch.sequences(); s++) {
      int first = batch.firstRow(s);
      int start = batch.position(first);
      int rows = Math.min(batch.rowCount(s), batch.promptLength(s) - start);
      if (rows > 0) {
        prefillArguments.set(3, s * step.stride()).set(4, first).set(5, start).set(6, rows);
        int tiles = Math.ceilDiv(rows, PREFILL_ROWS);
        prefill.launch(
            stream,
            LaunchShape.of(shape.config().heads(), tiles, PREFILL_THREADS)
                .withShared(PREFILL_SHARED),
            prefillArguments);
      }
    }
  }

  /** Rows of answers. */
  void answers(CudaStream stream, StepTables step, Activations a, long kv) {
    int splits = gridSplits(step.stride());
    decodeArguments
        .set(0, a.qkv)
        .set(1, kv)
        .set(2, step.blockTables())
        .set(3, step.stride())
        .set(4, step.sequenceOfRows())
        .set(5, step.positions())
        .set(7, a.attended)
        .set(8, a.parts);
    combineArguments.set(0, a.parts).set(1, step.positions()).set(3, a.attended).set(4, splits);
    for (int done = 0; done < step.answers(); done += mostAnswers) {
      int rows = Math.min(mostAnswers, step.answers() - done);
      long rowsAt = step.rowsOfAnswers() + (long) Integer.BYTES * done;
      decodeArguments.set(6, rowsAt);
      decode.launch(
          stream,
          LaunchShape.of(shape.config().kvHeads(), splits, rows, DECODE_THREADS),
          decodeArguments);
      if (splits > 1) {
        combineArguments.set(2, rowsAt);
        combine.launch(
            stream, LaunchShape.of(shape.config().heads(), rows, DECODE_THREADS), combineArguments);
      }
    }
  }

  @Override
  public void close() {
    module.close();
  }
}
