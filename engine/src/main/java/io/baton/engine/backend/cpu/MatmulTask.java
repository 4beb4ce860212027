package io.baton.engine.backend.cpu;

import org.jspecify.annotations.Nullable;

/**
 * Products of the same rows with up to three matrices, cut into runs of columns. Reused from call
 * to call.
 */
final class MatmulTask implements WorkerTeam.Task {
  /** Columns of one item; a multiple of {@link Kernels#TILE}. */
  private static final int COLUMNS = 32;

  /** Multiplications below which waking other threads costs more than it gains. */
  private static final long ALONE = 100_000;

  private final WorkerTeam team;
  private final Kernels kernels;
  private final float[][] panels;
  private final @Nullable Matrix[] matrices = new Matrix[3];
  private final float[][] outputs = new float[3][];
  private final int[] strides = new int[3];
  private final int[] endItem = new int[3];
  private int count;
  private float[] x = {};
  private int xStride;
  private int rows;

  /**
   * A task for matrices of limited width.
   *
   * @param longestRow most columns of a matrix
   */
  MatmulTask(WorkerTeam team, Kernels kernels, int longestRow) {
    this.team = team;
    this.kernels = kernels;
    int panel = Kernels.TILE * Kernels.padded(longestRow) + Kernels.TILE * Kernels.PADDING;
    panels = new float[team.workers()][panel];
  }

  /** Begins a new task over these rows. */
  MatmulTask rows(float[] newX, int newXStride, int newRows) {
    x = newX;
    xStride = newXStride;
    rows = newRows;
    count = 0;
    return this;
  }

  /** Adds a product. */
  MatmulTask times(Matrix matrix, float[] output, int stride) {
    matrices[count] = matrix;
    outputs[count] = output;
    strides[count] = stride;
    int before = count == 0 ? 0 : endItem[count - 1];
    endItem[count] = before + (matrix.rows() + COLUMNS - 1) / COLUMNS;
    count++;
    return this;
  }

  /** Computes all products. */
  void run() {
    long work = 0;
    for (int i = 0; i < count; i++) {
      work += (long) rows * matrix(i).rows() * matrix(i).columns();
    }
    int items = endItem[count - 1];
    if (work < ALONE) {
      team.runAlone(this, items);
    } else {
      team.run(this, items);
    }
  }

  @Override
  public void run(int item, int worker) {
    int which = 0;
    while (item >= endItem[which]) {
      which++;
    }
    Matrix matrix = matrix(which);
    int first = (item - (which == 0 ? 0 : endItem[which - 1])) * COLUMNS;
    int end = Math.min(matrix.rows(), first + COLUMNS);
    kernels.matmul(
        matrix, first, end, x, xStride, rows, outputs[which], strides[which], panels[worker]);
  }

  private Matrix matrix(int index) {
    Matrix matrix = matrices[index];
    if (matrix == null) {
      throw new IllegalStateException("no matrix " + index);
    }
    return matrix;
  }
}
