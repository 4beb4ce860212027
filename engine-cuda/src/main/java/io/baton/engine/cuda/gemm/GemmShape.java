package io.baton.engine.cuda.gemm;

/**
 * {@code Y[m][n] = X[m][k] * W[n][k]^T}, row-major, sums in float32.
 *
 * @param n rows of the weights, columns of the result
 * @param k columns of the weights and of the input
 * @param in type of weights and input
 * @param out type of the result
 */
public record GemmShape(int n, int k, ElementType in, ElementType out) {
  public GemmShape {
    if (n < 1 || k < 1) {
      throw new IllegalArgumentException(
          "weights: " + n + " x " + k + " (expected: at least 1 x 1)");
    }
    if (in == ElementType.F32 && out != ElementType.F32) {
      throw new IllegalArgumentException(
          "result of float32 weights: " + out + " (expected: " + ElementType.F32 + ")");
    }
  }

  @Override
  public String toString() {
    return "%d x %d %s to %s".formatted(n, k, in, out);
  }
}
