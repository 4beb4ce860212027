package io.baton.engine.backend.cpu;

/**
 * The arithmetic of the forward pass. Stateless; every call works on the caller's scratch. Rows of
 * activations are padded with zeros to a multiple of {@link #PADDING}, so that kernels may read
 * beyond their end.
 */
abstract class Kernels {
  /** Floats; at least the widest vector of any machine. */
  static final int PADDING = 16;

  /** Weight rows that a matrix kernel works on at once. */
  static final int TILE = 4;

  /** Queries that an attention kernel works on at once. */
  static final int QUERIES = 4;

  /** Adding it rounds to a whole number and leaves that in the low bits. */
  static final float ROUNDING = 12_582_912f;

  /** Beyond these e^x would leave the range of normal floats. */
  static final float LEAST_EXPONENT = -87.3f;

  static final float LARGEST_EXPONENT = 88.3f;

  // e^r near 0 as r + r^2 (C0 + C1 r + ... + C5 r^5); ln 2 in two parts, so that n ln 2 is exact
  // enough.
  static final float LOG2_E = 1.442695f;
  static final float MINUS_LN2_HIGH = -0.6933594f;
  static final float MINUS_LN2_LOW = 0.00021219444f;
  static final float C5 = 0.00019875691f;
  static final float C4 = 0.0013981999f;
  static final float C3 = 0.008333452f;
  static final float C2 = 0.041665796f;
  static final float C1 = 0.16666666f;
  static final float C0 = 0.5f;

  static int padded(int length) {
    return (length + PADDING - 1) / PADDING * PADDING;
  }

  /** What these kernels are, for the log. */
  abstract String describe();

  /**
   * {@code y[r][n] = sum over k of x[r][k] * w[n][k], plus bias[n]} for the given columns n of y.
   * Each y is one sum in an order that depends on k alone.
   *
   * @param x {@code [rows, xStride]}, padded
   * @param y {@code [rows, yStride]}
   * @param panel scratch of {@code TILE * padded(k) + PADDING} floats
   */
  abstract void matmul(
      Matrix w,
      int firstColumn,
      int endColumn,
      float[] x,
      int xStride,
      int rows,
      float[] y,
      int yStride,
      float[] panel);

  /** {@code out = x / rms(x) * weight} over {@code weight.length} floats; may be in place. */
  abstract void rmsNorm(
      float[] x, int xOffset, float[] weight, float epsilon, float[] out, int outOffset);

  /** {@code gate = silu(gate) * up}. */
  abstract void siluMultiply(float[] gate, float[] up, int offset, int length);

  /**
   * Attention of some queries that share a head of K and V over the blocks of their sequence.
   *
   * @param k {@code [block, kv head, head dim, block size]}, so that a vector holds one dimension
   *     of several tokens
   * @param v {@code [block, kv head, block size, head dim]}
   * @param job which queries, which blocks
   */
  abstract void attend(float[] k, float[] v, AttentionJob job);

  /** Where e^x is computed one by one; the same polynomial as in vectors. */
  static float exp(float x) {
    float clamped = Math.min(Math.max(x, LEAST_EXPONENT), LARGEST_EXPONENT);
    float shifted = Math.fma(clamped, LOG2_E, ROUNDING);
    float n = shifted - ROUNDING;
    float r = Math.fma(n, MINUS_LN2_HIGH, clamped);
    r = Math.fma(n, MINUS_LN2_LOW, r);
    float p = Math.fma(C5, r, C4);
    p = Math.fma(p, r, C3);
    p = Math.fma(p, r, C2);
    p = Math.fma(p, r, C1);
    p = Math.fma(p, r, C0);
    float y = Math.fma(p, r * r, r) + 1f;
    int bits = Float.floatToRawIntBits(y) + (Float.floatToRawIntBits(shifted) << 23);
    return Float.intBitsToFloat(bits);
  }
}
