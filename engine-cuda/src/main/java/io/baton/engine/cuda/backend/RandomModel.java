package io.baton.engine.cuda.backend;

import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaFunction;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.KernelArguments;
import io.baton.engine.cuda.driver.LaunchShape;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.model.ModelConfig;
import io.baton.engine.model.ModelException;
import java.util.ArrayList;
import java.util.List;

/**
 * A model of a given shape whose weights are made on the device: for measurements, and for checks
 * of kernels against each other. The same numbers every time.
 */
public final class RandomModel {
  private static final int THREADS = 256;
  private static final int BLOCKS_A_MULTIPROCESSOR = 16;

  private final CudaDevice device;
  private final ModelShape shape;
  private final CudaStream stream;
  private final CudaFunction fill;
  private final KernelArguments arguments = KernelArguments.ofCount(4);
  private int seed;

  private RandomModel(CudaDevice device, ModelShape shape, CudaStream stream, CudaFunction fill) {
    this.device = device;
    this.shape = shape;
    this.stream = stream;
    this.fill = fill;
  }

  /**
   * How it is run.
   *
   * @param rows tokens of a step at most
   * @param sequences requests of a step at most; so many rows may have their logits wanted
   * @param positions of a sequence at most
   * @param blocks of KV, of sixteen tokens
   * @param graphs whether steps of answers are launched as graphs
   * @param general whether the kernels that serve any shape are used where faster ones would fit
   * @param shared whether other processes on the card may read its KV in place
   */
  public record Options(
      int rows,
      int sequences,
      int positions,
      int blocks,
      boolean graphs,
      boolean general,
      boolean shared) {
    /** One that shares nothing. */
    public Options(
        int rows, int sequences, int positions, int blocks, boolean graphs, boolean general) {
      this(rows, sequences, positions, blocks, graphs, general, false);
    }
  }

  /** What stands behind the figures of a shape. */
  public record Sizes(long weightBytes, long kvBytesPerToken, double flopsPerToken) {}

  /** Makes the model; the backend owns the device. */
  public static CudaBackend open(
      CudaDevice device,
      KernelCompiler compiler,
      ModelConfig config,
      ElementType type,
      Options options)
      throws ModelException {
    ModelShape shape = ModelShape.of(config, type, 16);
    var limits =
        new StepLimits(
            options.rows(), options.sequences(), options.sequences(), options.positions());
    DeviceWeights weights;
    try (CudaStream stream = device.newStream();
        var kernels = new LayerKernels(device, compiler, shape)) {
      CudaFunction fill = kernels.module().function("fill_random");
      weights = new RandomModel(device, shape, stream, fill).make();
      stream.synchronize();
    }
    return new CudaBackend.Builder(
            device, compiler, shape, weights, "random", limits, options.graphs(), options.general())
        .shared(options.shared())
        .build(options.blocks(), 0);
  }

  /** Bytes and operations of a shape. */
  public static Sizes sizes(ModelConfig config, ElementType type) throws ModelException {
    ModelShape shape = ModelShape.of(config, type, 16);
    long hidden = shape.hidden();
    double products =
        (double) config.layers()
                * hidden
                * (shape.qkvWidth() + shape.queryWidth() + 3.0 * config.mlpSize())
            + (double) config.vocabSize() * hidden;
    // The embedding is not read whole, but the head is.
    long read = (long) (products * type.bytes());
    return new Sizes(read, shape.blockBytes() / shape.blockSize(), 2 * products);
  }

  private DeviceWeights make() {
    boolean tied = shape.config().tiedHead() == ModelConfig.TiedHead.YES;
    DeviceMemory memory = DeviceWeights.allocate(device, shape, tied);
    var cursor = new DeviceWeights.Cursor(memory);
    int hidden = shape.hidden();
    int mlp = shape.config().mlpSize();
    int vocabulary = shape.config().vocabSize();
    int headDim = shape.config().headDim();
    boolean norms = shape.config().qkNorm();
    long embedding = matrix(cursor, vocabulary, hidden);
    List<DeviceWeights.Layer> layers = new ArrayList<>();
    for (int i = 0; i < shape.config().layers(); i++) {
      layers.add(
          new DeviceWeights.Layer(
              vector(cursor, hidden),
              matrix(cursor, shape.qkvWidth(), hidden),
              0,
              norms ? vector(cursor, headDim) : 0,
              norms ? vector(cursor, headDim) : 0,
              matrix(cursor, hidden, shape.queryWidth()),
              vector(cursor, hidden),
              matrix(cursor, 2 * mlp, hidden),
              matrix(cursor, hidden, mlp)));
    }
    long finalNorm = vector(cursor, hidden);
    long head = tied ? embedding : matrix(cursor, vocabulary, hidden);
    return new DeviceWeights(memory, embedding, layers, finalNorm, head);
  }

  /** Of a size that keeps products about as large as their input. */
  private long matrix(DeviceWeights.Cursor cursor, int rows, int columns) {
    return filled(cursor, (long) rows * columns, (float) Math.sqrt(3.0 / columns));
  }

  private long vector(DeviceWeights.Cursor cursor, int elements) {
    return filled(cursor, elements, 1.5f);
  }

  private long filled(DeviceWeights.Cursor cursor, long elements, float scale) {
    long address = cursor.take(elements, shape.type());
    arguments.set(0, address).set(1, elements).set(2, scale).set(3, ++seed);
    int most = device.multiprocessors() * BLOCKS_A_MULTIPROCESSOR;
    int blocks = (int) Math.min(most, Math.ceilDiv(elements, (long) THREADS));
    fill.launch(stream, LaunchShape.of(blocks, THREADS), arguments);
    return address;
  }
}
