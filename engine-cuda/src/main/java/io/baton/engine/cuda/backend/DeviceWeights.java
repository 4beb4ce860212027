package io.baton.engine.cuda.backend;

import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.gemm.ElementType;
import java.util.List;

/**
 * A model's weights on a device: one piece of memory, and where in it everything lies. Addresses of
 * what the model does not have are 0.
 *
 * @param embedding {@code [vocab][hidden]}
 * @param finalNorm {@code [hidden]}
 * @param head {@code [vocab][hidden]}; the embedding itself where the two are tied
 */
record DeviceWeights(
    DeviceMemory memory, long embedding, List<Layer> layers, long finalNorm, long head)
    implements AutoCloseable {

  /**
   * One layer; all device addresses.
   *
   * @param qkv {@code [q + k + v][hidden]}
   * @param qkvBias {@code [q + k + v]}, or 0
   * @param gateUp {@code [gate + up][hidden]}
   */
  record Layer(
      long inputNorm,
      long qkv,
      long qkvBias,
      long qNorm,
      long kNorm,
      long o,
      long mlpNorm,
      long gateUp,
      long down) {}

  /** Bytes that the weights of a shape take, norms and biases included. */
  static long bytes(ModelShape shape, boolean tied) {
    long hidden = shape.hidden();
    long vocabulary = shape.config().vocabSize();
    long perLayer =
        hidden * (shape.qkvWidth() + shape.queryWidth() + 3L * shape.config().mlpSize())
            + 2 * hidden
            + shape.qkvWidth()
            + 2L * shape.config().headDim();
    long elements =
        vocabulary * hidden * (tied ? 1 : 2) + hidden + shape.config().layers() * perLayer;
    // Each of the pieces begins at a multiple of Cursor.ALIGNMENT.
    long pieces = 3 + 9L * shape.config().layers();
    return elements * shape.type().bytes() + pieces * Cursor.ALIGNMENT;
  }

  /** Hands out places in a piece of memory, one after the other. */
  static final class Cursor {
    static final int ALIGNMENT = 256;
    private final long end;
    private long next;

    Cursor(DeviceMemory memory) {
      next = memory.address();
      end = next + memory.bytes();
    }

    long take(long elements, ElementType type) {
      long address = (next + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      next = address + elements * type.bytes();
      if (next > end) {
        throw new IllegalStateException("weights need more memory than was reckoned");
      }
      return address;
    }
  }

  static DeviceMemory allocate(CudaDevice device, ModelShape shape, boolean tied) {
    return device.allocate(bytes(shape, tied), "the model's weights");
  }

  @Override
  public void close() {
    memory.close();
  }
}
