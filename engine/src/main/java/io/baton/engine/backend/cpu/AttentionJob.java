package io.baton.engine.backend.cpu;

/**
 * Up to {@link Kernels#QUERIES} queries over the same head of K and V of one sequence, with the
 * scratch for them. One per worker, reused.
 */
final class AttentionJob {
  final int kvHeads;
  final int headDim;
  final int blockSize;
  final float scale;

  int kvHead;
  int[] table = {};
  int queries;

  float[] q = {};
  float[] out = {};

  /** Where each query begins in {@link #q} and its result in {@link #out}. */
  final int[] offset = new int[Kernels.QUERIES];

  /** How many tokens each query sees. */
  final int[] limit = new int[Kernels.QUERIES];

  /** {@code [query, padded block size]} */
  final float[] scores;

  /** {@code [query, padded head dim]} */
  final float[] sums;

  final float[] max = new float[Kernels.QUERIES];
  final float[] weight = new float[Kernels.QUERIES];
  final float[] rescale = new float[Kernels.QUERIES];

  AttentionJob(int kvHeads, int headDim, int blockSize) {
    this.kvHeads = kvHeads;
    this.headDim = headDim;
    this.blockSize = blockSize;
    this.scale = (float) (1 / Math.sqrt(headDim));
    this.scores = new float[Kernels.QUERIES * Kernels.padded(blockSize)];
    this.sums = new float[Kernels.QUERIES * Kernels.padded(headDim)];
  }

  /** Empties sums; K and V of nothing were seen yet. */
  void begin() {
    java.util.Arrays.fill(sums, 0);
    java.util.Arrays.fill(weight, 0);
    java.util.Arrays.fill(max, Float.NEGATIVE_INFINITY);
    for (int i = queries; i < Kernels.QUERIES; i++) {
      // Kernels always work on all; the surplus repeats the first and is not stored.
      offset[i] = offset[0];
      limit[i] = 0;
    }
  }

  int longest() {
    int longest = 0;
    for (int i = 0; i < queries; i++) {
      longest = Math.max(longest, limit[i]);
    }
    return longest;
  }

  /** Offset of this head's K or V in a block: both have the same size. */
  int cacheOffset(int blockIndex) {
    return (table[blockIndex] * kvHeads + kvHead) * headDim * blockSize;
  }

  /** Writes the results. */
  void end() {
    int stride = Kernels.padded(headDim);
    for (int i = 0; i < queries; i++) {
      float factor = 1f / weight[i];
      for (int d = 0; d < headDim; d++) {
        out[offset[i] + d] = sums[i * stride + d] * factor;
      }
    }
  }
}
