package io.baton.engine.backend.cpu;

import java.util.Arrays;

/** Kernels for JVMs without the Vector API. */
final class PlainKernels extends Kernels {
  /** Sums side by side, so that additions need not wait for each other. */
  private static final int LANES = 4;

  @Override
  String describe() {
    return "plain Java";
  }

  @Override
  void matmul(
      Matrix w,
      int firstColumn,
      int endColumn,
      float[] x,
      int xStride,
      int rows,
      float[] y,
      int yStride,
      float[] panel) {
    int length = padded(w.columns());
    float[] bias = w.bias();
    Arrays.fill(panel, 0);
    for (int n = firstColumn; n < endColumn; n++) {
      w.readRow(n, panel, 0);
      float b = bias == null ? 0 : bias[n];
      for (int r = 0; r < rows; r++) {
        y[r * yStride + n] = dot(x, r * xStride, panel, length) + b;
      }
    }
  }

  private static float dot(float[] x, int offset, float[] w, int length) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    for (int i = 0; i < length; i += LANES) {
      s0 += x[offset + i] * w[i];
      s1 += x[offset + i + 1] * w[i + 1];
      s2 += x[offset + i + 2] * w[i + 2];
      s3 += x[offset + i + 3] * w[i + 3];
    }
    return (s0 + s2) + (s1 + s3);
  }

  @Override
  void rmsNorm(float[] x, int xOffset, float[] weight, float epsilon, float[] out, int outOffset) {
    double squares = 0;
    for (int i = 0; i < weight.length; i++) {
      squares += x[xOffset + i] * x[xOffset + i];
    }
    float factor = (float) (1 / Math.sqrt(squares / weight.length + epsilon));
    for (int i = 0; i < weight.length; i++) {
      out[outOffset + i] = x[xOffset + i] * factor * weight[i];
    }
  }

  @Override
  void siluMultiply(float[] gate, float[] up, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      gate[i] = gate[i] / (1 + exp(-gate[i])) * up[i];
    }
  }

  @Override
  void attend(float[] k, float[] v, AttentionJob job) {
    job.begin();
    int blockSize = job.blockSize;
    for (int i = 0; i < job.queries; i++) {
      for (int block = 0; block * blockSize < job.limit[i]; block++) {
        int cache = job.cacheOffset(block);
        int valid = Math.min(blockSize, job.limit[i] - block * blockSize);
        score(k, cache, job, i, valid);
        mix(v, cache, job, i, valid);
      }
    }
    job.end();
  }

  /** Turns scores into weights relative to the largest so far. */
  private static void score(float[] k, int cache, AttentionJob job, int query, int valid) {
    float max = job.max[query];
    for (int t = 0; t < valid; t++) {
      float dot = 0;
      for (int d = 0; d < job.headDim; d++) {
        dot += job.q[job.offset[query] + d] * k[cache + d * job.blockSize + t];
      }
      job.scores[t] = dot * job.scale;
      max = Math.max(max, job.scores[t]);
    }
    float rescale = job.max[query] == Float.NEGATIVE_INFINITY ? 0 : exp(job.max[query] - max);
    float sum = 0;
    for (int t = 0; t < valid; t++) {
      job.scores[t] = exp(job.scores[t] - max);
      sum += job.scores[t];
    }
    job.weight[query] = job.weight[query] * rescale + sum;
    job.rescale[query] = rescale;
    job.max[query] = max;
  }

  private static void mix(float[] v, int cache, AttentionJob job, int query, int valid) {
    int sums = query * padded(job.headDim);
    for (int d = 0; d < job.headDim; d++) {
      float sum = job.sums[sums + d] * job.rescale[query];
      for (int t = 0; t < valid; t++) {
        sum += job.scores[t] * v[cache + t * job.headDim + d];
      }
      job.sums[sums + d] = sum;
    }
  }
}
