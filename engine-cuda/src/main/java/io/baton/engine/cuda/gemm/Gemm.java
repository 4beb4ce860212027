package io.baton.engine.cuda.gemm;

import io.baton.engine.cuda.driver.CudaStream;
import java.util.Arrays;
import java.util.NavigableMap;

/**
 * Products with weights of one shape, for every number of rows up to a most. Rows are grouped in
 * buckets; each has the fastest of the algorithms whose results equal, bit for bit, those of all
 * other buckets ({@link GemmTuner}). One thread at a time, with the device's context.
 */
public final class Gemm implements AutoCloseable {
  /** Upper ends of buckets: the number of rows for which algorithms were timed. */
  private static final int[] BUCKETS = {
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192
  };

  private final GemmShape shape;
  private final int mostRows;
  private final NavigableMap<Integer, GemmTuner.Way> ways;
  private final MatmulForms forms;

  private Gemm(
      GemmContext context,
      GemmShape shape,
      int mostRows,
      NavigableMap<Integer, GemmTuner.Way> ways) {
    this.shape = shape;
    this.mostRows = mostRows;
    this.ways = ways;
    this.forms = new MatmulForms(context, shape);
  }

  /**
   * Chooses algorithms: tries candidates on the device and compares their bits. Takes some tenths
   * of a second per shape, and memory of the device for the largest product while it does.
   *
   * @param mostRows of any later call
   */
  public static Gemm tuned(GemmContext context, GemmShape shape, int mostRows, CudaStream stream) {
    int[] buckets = buckets(mostRows);
    try (var tuner = new GemmTuner(context, shape, buckets, stream)) {
      return new Gemm(context, shape, mostRows, tuner.choose());
    }
  }

  /** Upper ends of the buckets for so many rows at most. */
  static int[] buckets(int mostRows) {
    if (mostRows < 1) {
      throw new IllegalArgumentException("most rows: " + mostRows + " (expected: at least 1)");
    }
    int count = 0;
    while (count < BUCKETS.length && BUCKETS[count] < mostRows) {
      count++;
    }
    int[] buckets = Arrays.copyOf(BUCKETS, count + 1);
    buckets[count] = mostRows;
    return buckets;
  }

  public GemmShape shape() {
    return shape;
  }

  /**
   * Puts a product into the stream.
   *
   * @param weights {@code [n][k]}, device address
   * @param input {@code [rows][k]}, in memory with room for the most rows there may be
   * @param output {@code [rows][n]}, with such room too: what lies after the rows may be
   *     overwritten
   */
  public void run(CudaStream stream, long weights, long input, long output, int rows) {
    if (rows < 1 || rows > mostRows) {
      throw new IllegalArgumentException("rows: " + rows + " (expected: 1 to " + mostRows + ")");
    }
    GemmTuner.Way way = ways.ceilingEntry(rows).getValue();
    int computed = Math.max(rows, way.leastRows());
    int status = forms.run(stream, weights, input, output, computed, way.algorithm());
    GemmContext.check("cublasLtMatmul", rows + " rows, " + shape, status);
  }

  /** Whether all numbers of rows share one algorithm, for reports. */
  public long differentAlgorithms() {
    return ways.values().stream().map(GemmTuner.Way::algorithm).distinct().count();
  }

  @Override
  public void close() {
    forms.close();
    ways.values().stream().map(GemmTuner.Way::algorithm).distinct().forEach(Algorithm::close);
    ways.clear();
  }
}
