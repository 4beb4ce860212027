package io.baton.engine.cuda.backend;

import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.PinnedMemory;

/** What lies between the kernels of a step, on the device; and its answers, in host memory. */
final class Activations implements AutoCloseable {
  private final DeviceMemory memory;
  private final PinnedMemory tokens;
  private final PinnedMemory logitsRow;

  /** {@code [row][hidden]}: the residual stream. */
  final long hidden;

  /** {@code [row][hidden]}: input of products. */
  final long normed;

  /** {@code [row][hidden]}: what the next norm adds to the stream. */
  final long delta;

  /** {@code [row][q + k + v]}. */
  final long qkv;

  /** {@code [row][q]}. */
  final long attended;

  /** {@code [row][gate + up]}. */
  final long gateUp;

  /** {@code [row][mlp]}. */
  final long gated;

  /** {@code [logit row][hidden]}. */
  final long headInput;

  /** {@code [logit row][vocab]}, float32. */
  final long logits;

  /** Parts of attention over splits, float32. */
  final long parts;

  Activations(CudaDevice device, ModelShape shape, StepLimits limits, long partsBytes) {
    long bytes = shape.type().bytes();
    long rows = limits.rows();
    long hiddenBytes = rows * shape.hidden() * bytes;
    long qkvBytes = rows * shape.qkvWidth() * bytes;
    long attendedBytes = rows * shape.queryWidth() * bytes;
    long gateUpBytes = 2 * rows * shape.config().mlpSize() * bytes;
    long logitBytes = (long) limits.logitRows() * shape.config().vocabSize() * Float.BYTES;
    long headBytes = (long) limits.logitRows() * shape.hidden() * bytes;
    var places =
        new Places(
            3 * hiddenBytes,
            qkvBytes,
            attendedBytes,
            gateUpBytes,
            gateUpBytes / 2,
            headBytes,
            logitBytes,
            partsBytes);
    memory = device.allocate(places.total(), "activations of " + limits);
    hidden = places.next(memory, hiddenBytes);
    normed = places.next(memory, hiddenBytes);
    delta = places.next(memory, hiddenBytes);
    qkv = places.next(memory, qkvBytes);
    attended = places.next(memory, attendedBytes);
    gateUp = places.next(memory, gateUpBytes);
    gated = places.next(memory, gateUpBytes / 2);
    headInput = places.next(memory, headBytes);
    logits = places.next(memory, logitBytes);
    parts = places.next(memory, partsBytes);
    tokens = device.pin((long) limits.logitRows() * Integer.BYTES, "chosen tokens");
    logitsRow = device.pin((long) shape.config().vocabSize() * Float.BYTES, "a row of logits");
  }

  /** Ids of the largest logits, by logit row; kernels write them into host memory themselves. */
  PinnedMemory tokens() {
    return tokens;
  }

  PinnedMemory logitsRow() {
    return logitsRow;
  }

  @Override
  public void close() {
    memory.close();
    tokens.close();
    logitsRow.close();
  }

  /** Aligned places in one piece of memory. */
  private static final class Places {
    private static final long ALIGNMENT = 256;
    private final long total;
    private long used;

    Places(long... sizes) {
      long sum = 0;
      for (long size : sizes) {
        sum += size + 3 * ALIGNMENT;
      }
      total = sum;
    }

    long total() {
      return total;
    }

    long next(DeviceMemory memory, long size) {
      long at = memory.address() + used;
      used += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      return at;
    }
  }
}
