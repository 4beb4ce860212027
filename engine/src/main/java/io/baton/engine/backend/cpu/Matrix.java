package io.baton.engine.backend.cpu;

import io.baton.engine.model.Tensor;
import io.baton.engine.model.Tensor.DType;
import io.baton.engine.model.Weights.Linear;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A weight matrix where the checkpoint was mapped.
 *
 * @param data {@code [rows, columns]}, row-major, little-endian
 * @param bias {@code [rows]}, or null
 */
record Matrix(MemorySegment data, DType dtype, int rows, int columns, float @Nullable [] bias) {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort B16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static Matrix of(Linear linear) {
    Tensor bias = linear.bias();
    return of(linear.weight(), bias == null ? null : vector(bias));
  }

  static Matrix of(Tensor weight, float @Nullable [] bias) {
    return new Matrix(
        weight.data(), weight.dtype(), (int) weight.shape()[0], (int) weight.shape()[1], bias);
  }

  /** A small tensor as floats: norms and biases are read at each row, so they are unpacked once. */
  static float[] vector(Tensor tensor) {
    var values = new float[(int) tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = read(tensor.data(), tensor.dtype(), i);
    }
    return values;
  }

  /** Unpacks a row, without vectors. */
  void readRow(int row, float[] into, int offset) {
    long first = (long) row * columns;
    for (int i = 0; i < columns; i++) {
      into[offset + i] = read(data, dtype, first + i);
    }
  }

  float read(int row, int column) {
    return read(data, dtype, (long) row * columns + column);
  }

  long rowBytes() {
    return (long) columns * dtype.bytes();
  }

  private static float read(MemorySegment data, DType dtype, long index) {
    return switch (dtype) {
      case F32 -> data.get(F32, index * Float.BYTES);
      case F16 -> Float.float16ToFloat(data.get(B16, index * Short.BYTES));
      case BF16 -> Float.intBitsToFloat(data.get(B16, index * Short.BYTES) << 16);
    };
  }
}
