package io.baton.engine.cuda.gemm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/**
 * A {@code cublasLtMatmulAlgo_t}: how to compute a product, for any number of rows that it takes.
 */
final class Algorithm implements AutoCloseable {
  static final int BYTES = 64;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment bytes = arena.allocate(BYTES, 16);
  private final String name;

  /** A copy of what is at an address. */
  Algorithm(MemorySegment from) {
    bytes.copyFrom(from.asSlice(0, BYTES));
    name = HexFormat.of().formatHex(bytes.toArray(JAVA_BYTE));
  }

  /** A copy of what {@link #toBytes} gave. */
  Algorithm(byte[] from) {
    this(MemorySegment.ofArray(from));
  }

  byte[] toBytes() {
    return bytes.toArray(JAVA_BYTE);
  }

  long address() {
    return bytes.address();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Algorithm algorithm && algorithm.name.equals(name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public void close() {
    arena.close();
  }
}
