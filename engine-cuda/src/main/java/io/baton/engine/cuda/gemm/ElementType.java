package io.baton.engine.cuda.gemm;

/** Types of matrix elements. */
public enum ElementType {
  F32(0, 4),
  F16(2, 2),
  BF16(14, 2);

  private final int cudaType;
  private final int bytes;

  ElementType(int cudaType, int bytes) {
    this.cudaType = cudaType;
    this.bytes = bytes;
  }

  /** Its {@code cudaDataType}. */
  int cudaType() {
    return cudaType;
  }

  /** Bytes of an element. */
  public int bytes() {
    return bytes;
  }
}
