package io.baton.engine.cuda.gemm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Matrices to try algorithms with: random, and the weights several times so that no cache helps.
 */
final class TuningData implements AutoCloseable {
  private static final long MORE_THAN_CACHES = 400L << 20;
  private static final long SMALLEST_CACHE = 40L << 20;
  private static final int MOST_COPIES = 16;

  /** Odd, so that rows differ although the values repeat. */
  private static final int PATTERN = 1_048_573;

  /** Rows that are compared, if there are so many. */
  private static final int[] COMPARED = {0, 1, 2, 7, 16, 33, 63, 127, 255, 511, 1023, 4095};

  private final GemmShape shape;
  private final long weightBytes;
  private final int copies;
  private final DeviceMemory weights;
  private final DeviceMemory input;
  private final DeviceMemory output;

  TuningData(CudaDevice device, GemmShape shape, int mostRows) {
    this.shape = shape;
    weightBytes = aligned((long) shape.n() * shape.k() * shape.in().bytes());
    // Matrices so small that some copies fit into caches together are there in real steps too.
    boolean small = MOST_COPIES * weightBytes < SMALLEST_CACHE;
    copies = small ? 1 : Math.clamp(MORE_THAN_CACHES / weightBytes, 1, MOST_COPIES);
    weights = device.allocate(copies * weightBytes, "trying products");
    input = device.allocate((long) mostRows * shape.k() * shape.in().bytes(), "trying products");
    output = device.allocate((long) mostRows * shape.n() * shape.out().bytes(), "trying products");
    fill(weights, 1);
    fill(input, 2);
  }

  private static long aligned(long bytes) {
    return (bytes + 255) / 256 * 256;
  }

  int weightCopies() {
    return copies;
  }

  long weights(int copy) {
    return weights.address() + copy * weightBytes;
  }

  long input() {
    return input.address();
  }

  long output() {
    return output.address();
  }

  /** So that rows left from the algorithm before cannot be taken for this one's. */
  void clearOutput(CudaStream stream, int rows) {
    stream.fillBytes(output.address(), 0xff, (long) rows * shape.n() * shape.out().bytes());
  }

  /** Rows of the last result that are compared. Waits for it. */
  RowBits bits(CudaStream stream, int rows) {
    stream.synchronize();
    long rowBytes = (long) shape.n() * shape.out().bytes();
    Map<Integer, byte[]> found = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment row = arena.allocate(rowBytes);
      for (int number : COMPARED) {
        if (number < rows) {
          output.copyTo(row, number * rowBytes);
          found.put(number, row.toArray(JAVA_BYTE));
        }
      }
    }
    return new RowBits(found);
  }

  private void fill(DeviceMemory memory, long seed) {
    int bytes = shape.in().bytes();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pattern = arena.allocate((long) PATTERN * bytes, 8);
      var random = new SplittableRandom(seed);
      for (int i = 0; i < PATTERN; i++) {
        float value = (float) random.nextDouble(-1, 1);
        switch (shape.in()) {
          case F32 -> pattern.setAtIndex(JAVA_INT, i, Float.floatToRawIntBits(value));
          case F16 -> pattern.setAtIndex(JAVA_SHORT, i, Float.floatToFloat16(value));
          case BF16 ->
              pattern.setAtIndex(JAVA_SHORT, i, (short) (Float.floatToRawIntBits(value) >>> 16));
        }
      }
      for (long at = 0; at < memory.bytes(); at += pattern.byteSize()) {
        long length = Math.min(pattern.byteSize(), memory.bytes() - at);
        memory.copyFrom(pattern.asSlice(0, length), at);
      }
    }
  }

  @Override
  public void close() {
    output.close();
    input.close();
    weights.close();
  }
}
