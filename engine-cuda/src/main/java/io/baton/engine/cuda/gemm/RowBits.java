package io.baton.engine.cuda.gemm;

import java.util.Arrays;
import java.util.Map;

/**
 * Some rows of a result, bit for bit.
 *
 * @param rows bytes by the row's number
 */
record RowBits(Map<Integer, byte[]> rows) {

  /** Whether all rows that both have are the same. */
  boolean agrees(RowBits other) {
    return rows.entrySet().stream()
        .allMatch(row -> {
          byte[] theirs = other.rows.get(row.getKey());
          return theirs == null || Arrays.equals(row.getValue(), theirs);
        });
  }
}
