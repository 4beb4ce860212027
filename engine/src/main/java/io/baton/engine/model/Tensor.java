package io.baton.engine.model;

import java.lang.foreign.MemorySegment;

/**
 * A tensor of a checkpoint where it lies in the mapped file.
 *
 * @param shape outermost dimension first, row-major
 * @param data little-endian elements, without padding
 */
public record Tensor(String name, DType dtype, long[] shape, MemorySegment data) {

  /** Element types that are served. */
  public enum DType {
    F32(4),
    F16(2),
    BF16(2);

    private final int bytes;

    DType(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
      return bytes;
    }
  }

  /** Elements in all. */
  public long size() {
    long size = 1;
    for (long dimension : shape) {
      size *= dimension;
    }
    return size;
  }
}
