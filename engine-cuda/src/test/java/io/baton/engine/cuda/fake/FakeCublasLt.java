package io.baton.engine.cuda.fake;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * Float32 products by plain loops. Three algorithms are offered: one that is always the same, a
 * faster one whose bits depend on the number of rows (as split sums do), and one that is slow for
 * few rows and fast for many.
 */
@SuppressWarnings("unused") // called by name
final class FakeCublasLt {
  static final int SAME = 1;
  static final int FICKLE = 2;
  static final int FOR_MANY = 3;
  private static final int RESULT_BYTES = 96;
  private static final int NOT_SUPPORTED = 15;

  private record Layout(int type, long rows, long columns) {}

  private final FakeLaunches launches;
  private final Map<Long, Layout> layouts = new HashMap<>();
  private long handles = 1;

  FakeCublasLt(FakeLaunches launches) {
    this.launches = launches;
  }

  long cublasLtGetVersion() {
    return 130_100;
  }

  int cublasLtCreate(long out) {
    Native.putLong(out, handles++);
    return 0;
  }

  int cublasLtDestroy(long handle) {
    return 0;
  }

  int cublasLtMatmulDescCreate(long out, int computeType, int scaleType) {
    Native.putLong(out, handles++);
    return 0;
  }

  int cublasLtMatmulDescDestroy(long desc) {
    return 0;
  }

  int cublasLtMatmulDescSetAttribute(long desc, int attribute, long value, long bytes) {
    return 0;
  }

  int cublasLtMatrixLayoutCreate(long out, int type, long rows, long columns, long leading) {
    layouts.put(handles, new Layout(type, rows, columns));
    Native.putLong(out, handles++);
    return 0;
  }

  int cublasLtMatrixLayoutDestroy(long layout) {
    return layouts.remove(layout) == null ? 1 : 0;
  }

  int cublasLtMatmulPreferenceCreate(long out) {
    Native.putLong(out, handles++);
    return 0;
  }

  int cublasLtMatmulPreferenceDestroy(long preference) {
    return 0;
  }

  int cublasLtMatmulPreferenceSetAttribute(long preference, int attribute, long value, long bytes) {
    return 0;
  }

  int cublasLtMatmulAlgoGetHeuristic(
      long handle,
      long desc,
      long layoutA,
      long layoutB,
      long layoutC,
      long layoutD,
      long preference,
      int wanted,
      long outResults,
      long outFound) {
    int[] offered = {FICKLE, SAME, FOR_MANY};
    for (int i = 0; i < offered.length; i++) {
      Native.at(outResults + (long) RESULT_BYTES * i, RESULT_BYTES).fill((byte) 0);
      Native.putInt(outResults + (long) RESULT_BYTES * i, offered[i]);
    }
    Native.putInt(outFound, offered.length);
    return 0;
  }

  int cublasLtMatmul(
      long handle,
      long desc,
      long alpha,
      long a,
      long layoutA,
      long b,
      long layoutB,
      long beta,
      long c,
      long layoutC,
      long d,
      long layoutD,
      long algorithm,
      long workspace,
      long workspaceBytes,
      long stream) {
    Layout weights = layouts.get(layoutA);
    Layout input = layouts.get(layoutB);
    if (weights.type() != 0) {
      return NOT_SUPPORTED;
    }
    int kind = Native.getInt(algorithm);
    long rows = input.columns();
    long cost =
        switch (kind) {
          case FICKLE -> 1;
          case SAME -> 100 + 10 * rows;
          default -> 500 + rows;
        };
    launches.work(
        stream, cost, () -> multiply(kind, a, b, d, rows, weights.columns(), weights.rows()));
    return 0;
  }

  private static void multiply(int kind, long w, long x, long y, long rows, long n, long k) {
    float[] weights = floats(w, n * k);
    float[] input = floats(x, rows * k);
    MemorySegment output = Native.at(y, 4 * rows * n);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < n; column++) {
        float sum = kind == FICKLE ? 1e-3f * rows : 0;
        for (int i = 0; i < k; i++) {
          sum += input[(int) (row * k) + i] * weights[(int) (column * k) + i];
        }
        output.setAtIndex(JAVA_FLOAT, row * n + column, sum);
      }
    }
  }

  private static float[] floats(long address, long count) {
    return Native.at(address, 4 * count).toArray(JAVA_FLOAT);
  }
}
