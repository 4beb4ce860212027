package io.baton.engine.backend.cpu;

import io.baton.engine.model.Tensor.DType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Kernels on the Vector API. Lanes are added up by shuffles in a fixed order, never by {@code
 * reduceLanes}, whose order may change when a method is compiled.
 */
final class VectorKernels extends Kernels {
  // Species must be static finals: anywhere else every operation is a call.
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final int L = F.length();
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;

  /** As many shorts as {@link #F} has floats. */
  private static final VectorSpecies<Short> S =
      VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2));

  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final VectorShuffle<Float> SWAP_HALVES = exchange(L / 2);
  private static final VectorShuffle<Float> SWAP_QUARTERS = exchange(L / 4);
  private static final VectorShuffle<Float> SWAP_2 = exchange(2);
  private static final VectorShuffle<Float> SWAP_1 = exchange(1);
  private static final VectorMask<Float> UPPER_HALF = lanesWithBit(L / 2);
  private static final VectorMask<Float> UPPER_QUARTERS = lanesWithBit(L / 4);

  VectorKernels() {
    if (L < 4 || L > PADDING) {
      throw new IllegalStateException(
          "vectors of " + L + " floats (expected: 4 to " + PADDING + ")");
    }
  }

  private static VectorShuffle<Float> exchange(int distance) {
    return VectorShuffle.fromOp(F, lane -> lane ^ distance);
  }

  private static VectorMask<Float> lanesWithBit(int bit) {
    long bits = 0;
    for (int lane = 0; lane < L; lane++) {
      bits |= (lane & bit) != 0 ? 1L << lane : 0;
    }
    return VectorMask.fromLong(F, bits);
  }

  @Override
  String describe() {
    return "Vector API, " + F.vectorBitSize() + " bits";
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
    int k = w.columns();
    int stride = padded(k);
    int tail = TILE * stride;
    for (int n = firstColumn; n < endColumn; n += TILE) {
      int width = Math.min(TILE, endColumn - n);
      if (rows == 1 && width == TILE) {
        dotMapped(w, n, x, panel, tail);
        store(panel, tail, w.bias(), n, width, y, 0);
        continue;
      }
      for (int j = 0; j < TILE; j++) {
        unpackRow(w, n + Math.min(j, width - 1), panel, j * stride);
      }
      int r = 0;
      for (; r + TILE <= rows; r += TILE) {
        tile(panel, stride, x, r * xStride, xStride, tail);
        for (int i = 0; i < TILE; i++) {
          store(panel, tail + i * TILE, w.bias(), n, width, y, (r + i) * yStride);
        }
      }
      for (; r < rows; r++) {
        dotPanel(panel, stride, x, r * xStride, tail);
        store(panel, tail, w.bias(), n, width, y, r * yStride);
      }
    }
  }

  private static void store(
      float[] from, int at, float @Nullable [] bias, int n, int width, float[] y, int yOffset) {
    for (int j = 0; j < width; j++) {
      y[yOffset + n + j] = bias == null ? from[at + j] : from[at + j] + bias[n + j];
    }
  }

  /** Sixteen sums at once: four rows of x with four rows of the panel. */
  private static void tile(float[] panel, int k, float[] x, int x0, int xStride, int out) {
    int x1 = x0 + xStride;
    int x2 = x1 + xStride;
    int x3 = x2 + xStride;
    FloatVector zero = FloatVector.zero(F);
    FloatVector a00 = zero, a01 = zero, a02 = zero, a03 = zero;
    FloatVector a10 = zero, a11 = zero, a12 = zero, a13 = zero;
    FloatVector a20 = zero, a21 = zero, a22 = zero, a23 = zero;
    FloatVector a30 = zero, a31 = zero, a32 = zero, a33 = zero;
    for (int i = 0; i < k; i += L) {
      FloatVector w0 = FloatVector.fromArray(F, panel, i);
      FloatVector w1 = FloatVector.fromArray(F, panel, k + i);
      FloatVector w2 = FloatVector.fromArray(F, panel, 2 * k + i);
      FloatVector w3 = FloatVector.fromArray(F, panel, 3 * k + i);
      FloatVector v = FloatVector.fromArray(F, x, x0 + i);
      a00 = v.fma(w0, a00);
      a01 = v.fma(w1, a01);
      a02 = v.fma(w2, a02);
      a03 = v.fma(w3, a03);
      v = FloatVector.fromArray(F, x, x1 + i);
      a10 = v.fma(w0, a10);
      a11 = v.fma(w1, a11);
      a12 = v.fma(w2, a12);
      a13 = v.fma(w3, a13);
      v = FloatVector.fromArray(F, x, x2 + i);
      a20 = v.fma(w0, a20);
      a21 = v.fma(w1, a21);
      a22 = v.fma(w2, a22);
      a23 = v.fma(w3, a23);
      v = FloatVector.fromArray(F, x, x3 + i);
      a30 = v.fma(w0, a30);
      a31 = v.fma(w1, a31);
      a32 = v.fma(w2, a32);
      a33 = v.fma(w3, a33);
    }
    fold(a00, a01, a02, a03, panel, out);
    fold(a10, a11, a12, a13, panel, out + TILE);
    fold(a20, a21, a22, a23, panel, out + 2 * TILE);
    fold(a30, a31, a32, a33, panel, out + 3 * TILE);
  }

  private static void dotPanel(float[] panel, int k, float[] x, int xOffset, int out) {
    FloatVector a = FloatVector.zero(F), b = a, c = a, d = a;
    for (int i = 0; i < k; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, xOffset + i);
      a = v.fma(FloatVector.fromArray(F, panel, i), a);
      b = v.fma(FloatVector.fromArray(F, panel, k + i), b);
      c = v.fma(FloatVector.fromArray(F, panel, 2 * k + i), c);
      d = v.fma(FloatVector.fromArray(F, panel, 3 * k + i), d);
    }
    fold(a, b, c, d, panel, out);
  }

  /** One row of x with four rows of weights straight from the mapped file. */
  private static void dotMapped(Matrix w, int n, float[] x, float[] panel, int out) {
    switch (w.dtype()) {
      case BF16 -> dotMappedBf16(w, n, x, panel, out);
      case F16 -> dotMappedF16(w, n, x, panel, out);
      case F32 -> dotMappedF32(w, n, x, panel, out);
    }
  }

  private static void dotMappedBf16(Matrix w, int n, float[] x, float[] panel, int out) {
    MemorySegment data = w.data();
    int k = w.columns();
    long stride = w.rowBytes();
    long row = n * stride;
    FloatVector a = FloatVector.zero(F), b = a, c = a, d = a;
    int i = 0;
    for (; i <= k - L; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i);
      long at = row + 2L * i;
      a = v.fma(bf16(data, at), a);
      b = v.fma(bf16(data, at + stride), b);
      c = v.fma(bf16(data, at + 2 * stride), c);
      d = v.fma(bf16(data, at + 3 * stride), d);
    }
    if (i < k) {
      VectorMask<Short> rest = S.indexInRange(i, k);
      FloatVector v = FloatVector.fromArray(F, x, i);
      long at = row + 2L * i;
      a = v.fma(widenBf16(ShortVector.fromMemorySegment(S, data, at, LE, rest)), a);
      b = v.fma(widenBf16(ShortVector.fromMemorySegment(S, data, at + stride, LE, rest)), b);
      c = v.fma(widenBf16(ShortVector.fromMemorySegment(S, data, at + 2 * stride, LE, rest)), c);
      d = v.fma(widenBf16(ShortVector.fromMemorySegment(S, data, at + 3 * stride, LE, rest)), d);
    }
    fold(a, b, c, d, panel, out);
  }

  private static void dotMappedF16(Matrix w, int n, float[] x, float[] panel, int out) {
    MemorySegment data = w.data();
    int k = w.columns();
    long stride = w.rowBytes();
    long row = n * stride;
    FloatVector a = FloatVector.zero(F), b = a, c = a, d = a;
    int i = 0;
    for (; i <= k - L; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i);
      long at = row + 2L * i;
      a = v.fma(widenF16(ShortVector.fromMemorySegment(S, data, at, LE)), a);
      b = v.fma(widenF16(ShortVector.fromMemorySegment(S, data, at + stride, LE)), b);
      c = v.fma(widenF16(ShortVector.fromMemorySegment(S, data, at + 2 * stride, LE)), c);
      d = v.fma(widenF16(ShortVector.fromMemorySegment(S, data, at + 3 * stride, LE)), d);
    }
    if (i < k) {
      VectorMask<Short> rest = S.indexInRange(i, k);
      FloatVector v = FloatVector.fromArray(F, x, i);
      long at = row + 2L * i;
      a = v.fma(widenF16(ShortVector.fromMemorySegment(S, data, at, LE, rest)), a);
      b = v.fma(widenF16(ShortVector.fromMemorySegment(S, data, at + stride, LE, rest)), b);
      c = v.fma(widenF16(ShortVector.fromMemorySegment(S, data, at + 2 * stride, LE, rest)), c);
      d = v.fma(widenF16(ShortVector.fromMemorySegment(S, data, at + 3 * stride, LE, rest)), d);
    }
    fold(a, b, c, d, panel, out);
  }

  private static void dotMappedF32(Matrix w, int n, float[] x, float[] panel, int out) {
    MemorySegment data = w.data();
    int k = w.columns();
    long stride = w.rowBytes();
    long row = n * stride;
    FloatVector a = FloatVector.zero(F), b = a, c = a, d = a;
    int i = 0;
    for (; i <= k - L; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, i);
      long at = row + 4L * i;
      a = v.fma(FloatVector.fromMemorySegment(F, data, at, LE), a);
      b = v.fma(FloatVector.fromMemorySegment(F, data, at + stride, LE), b);
      c = v.fma(FloatVector.fromMemorySegment(F, data, at + 2 * stride, LE), c);
      d = v.fma(FloatVector.fromMemorySegment(F, data, at + 3 * stride, LE), d);
    }
    if (i < k) {
      VectorMask<Float> rest = F.indexInRange(i, k);
      FloatVector v = FloatVector.fromArray(F, x, i);
      long at = row + 4L * i;
      a = v.fma(FloatVector.fromMemorySegment(F, data, at, LE, rest), a);
      b = v.fma(FloatVector.fromMemorySegment(F, data, at + stride, LE, rest), b);
      c = v.fma(FloatVector.fromMemorySegment(F, data, at + 2 * stride, LE, rest), c);
      d = v.fma(FloatVector.fromMemorySegment(F, data, at + 3 * stride, LE, rest), d);
    }
    fold(a, b, c, d, panel, out);
  }

  private static FloatVector bf16(MemorySegment data, long at) {
    return widenBf16(ShortVector.fromMemorySegment(S, data, at, LE));
  }

  private static FloatVector widenBf16(ShortVector halves) {
    IntVector bits = (IntVector) halves.convertShape(VectorOperators.S2I, I, 0);
    return bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  /** Exact for all finite values, subnormal ones too: the exponent is moved by a multiplication. */
  private static FloatVector widenF16(ShortVector halves) {
    IntVector bits = (IntVector) halves.convertShape(VectorOperators.S2I, I, 0);
    IntVector magnitude = bits.and(0x7fff).lanewise(VectorOperators.LSHL, 13);
    FloatVector value = magnitude.reinterpretAsFloats().mul(0x1p112f);
    IntVector sign = bits.and(0x8000).lanewise(VectorOperators.LSHL, 16);
    return value.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  /** A row of weights as floats, zeros behind it up to the padding. */
  private static void unpackRow(Matrix w, int row, float[] into, int offset) {
    int k = w.columns();
    long start = row * w.rowBytes();
    MemorySegment data = w.data();
    int i = 0;
    if (w.dtype() == DType.F32) {
      for (; i <= k - L; i += L) {
        FloatVector.fromMemorySegment(F, data, start + 4L * i, LE).intoArray(into, offset + i);
      }
    } else if (w.dtype() == DType.BF16) {
      for (; i <= k - L; i += L) {
        bf16(data, start + 2L * i).intoArray(into, offset + i);
      }
    } else {
      for (; i <= k - L; i += L) {
        widenF16(ShortVector.fromMemorySegment(S, data, start + 2L * i, LE))
            .intoArray(into, offset + i);
      }
    }
    if (i < k) {
      unpackTail(w, row, i, into, offset);
    }
    for (int j = Math.max(i, k); j < padded(k); j++) {
      into[offset + j] = 0;
    }
  }

  private static void unpackTail(Matrix w, int row, int from, float[] into, int offset) {
    for (int i = from; i < w.columns(); i++) {
      into[offset + i] = w.read(row, i);
    }
  }

  /**
   * Adds up the lanes of four vectors: halves, quarters, and so on. Each sum has the same tree.
   *
   * @param out where the four sums go, in the order of the arguments
   */
  private static void fold(
      FloatVector a, FloatVector b, FloatVector c, FloatVector d, float[] into, int out) {
    FloatVector ab = a.blend(b, UPPER_HALF).add(b.blend(a, UPPER_HALF).rearrange(SWAP_HALVES));
    FloatVector cd = c.blend(d, UPPER_HALF).add(d.blend(c, UPPER_HALF).rearrange(SWAP_HALVES));
    FloatVector all =
        ab.blend(cd, UPPER_QUARTERS).add(cd.blend(ab, UPPER_QUARTERS).rearrange(SWAP_QUARTERS));
    if (L >= 16) {
      all = all.add(all.rearrange(SWAP_2));
    }
    if (L >= 8) {
      all = all.add(all.rearrange(SWAP_1));
    }
    into[out] = all.lane(0);
    into[out + 1] = all.lane(L / 2);
    into[out + 2] = all.lane(L / 4);
    into[out + 3] = all.lane(L / 2 + L / 4);
  }

  private static float fold(FloatVector a) {
    FloatVector sum = a.add(a.rearrange(SWAP_HALVES));
    sum = sum.add(sum.rearrange(SWAP_QUARTERS));
    if (L >= 16) {
      sum = sum.add(sum.rearrange(SWAP_2));
    }
    if (L >= 8) {
      sum = sum.add(sum.rearrange(SWAP_1));
    }
    return sum.lane(0);
  }

  @Override
  void rmsNorm(float[] x, int xOffset, float[] weight, float epsilon, float[] out, int outOffset) {
    int n = weight.length;
    int whole = n - n % L;
    FloatVector squares = FloatVector.zero(F);
    for (int i = 0; i < whole; i += L) {
      FloatVector v = FloatVector.fromArray(F, x, xOffset + i);
      squares = v.fma(v, squares);
    }
    float sum = fold(squares);
    for (int i = whole; i < n; i++) {
      sum = Math.fma(x[xOffset + i], x[xOffset + i], sum);
    }
    float factor = (float) (1 / Math.sqrt(sum / n + epsilon));
    for (int i = 0; i < whole; i += L) {
      FloatVector.fromArray(F, x, xOffset + i)
          .mul(factor)
          .mul(FloatVector.fromArray(F, weight, i))
          .intoArray(out, outOffset + i);
    }
    for (int i = whole; i < n; i++) {
      out[outOffset + i] = x[xOffset + i] * factor * weight[i];
    }
  }

  @Override
  void siluMultiply(float[] gate, float[] up, int offset, int length) {
    int i = offset;
    for (; i <= offset + length - L; i += L) {
      FloatVector g = FloatVector.fromArray(F, gate, i);
      g.div(exp(g.neg()).add(1f)).mul(FloatVector.fromArray(F, up, i)).intoArray(gate, i);
    }
    for (; i < offset + length; i++) {
      gate[i] = gate[i] / (1 + exp(-gate[i])) * up[i];
    }
  }

  private static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.max(LEAST_EXPONENT).min(LARGEST_EXPONENT);
    FloatVector shifted = clamped.fma(c(LOG2_E), c(ROUNDING));
    FloatVector n = shifted.sub(ROUNDING);
    FloatVector r = n.fma(c(MINUS_LN2_HIGH), clamped);
    r = n.fma(c(MINUS_LN2_LOW), r);
    FloatVector p = r.fma(c(C5), c(C4));
    p = p.fma(r, c(C3));
    p = p.fma(r, c(C2));
    p = p.fma(r, c(C1));
    p = p.fma(r, c(C0));
    FloatVector y = p.fma(r.mul(r), r).add(1f);
    IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    return y.reinterpretAsInts().add(exponent).reinterpretAsFloats();
  }

  private static FloatVector c(float constant) {
    return FloatVector.broadcast(F, constant);
  }

  @Override
  void attend(float[] k, float[] v, AttentionJob job) {
    job.begin();
    int blocks = (job.longest() + job.blockSize - 1) / job.blockSize;
    for (int block = 0; block < blocks; block++) {
      int cache = job.cacheOffset(block);
      score(k, cache, job);
      int seen = 0;
      for (int i = 0; i < QUERIES; i++) {
        int valid = Math.clamp(job.limit[i] - block * job.blockSize, 0, job.blockSize);
        weigh(job, i, valid);
        seen = Math.max(seen, valid);
      }
      mix(v, cache, job, seen);
    }
    job.end();
  }

  /** A vector of tokens at a time; one read of K serves all queries. */
  private static void score(float[] k, int cache, AttentionJob job) {
    float[] q = job.q;
    int q0 = job.offset[0];
    int q1 = job.offset[1];
    int q2 = job.offset[2];
    int q3 = job.offset[3];
    int blockSize = job.blockSize;
    int stride = padded(blockSize);
    for (int t = 0; t < blockSize; t += L) {
      FloatVector a = FloatVector.zero(F), b = a, c = a, d = a;
      int at = cache + t;
      for (int i = 0; i < job.headDim; i++, at += blockSize) {
        FloatVector keys = FloatVector.fromArray(F, k, at);
        a = keys.fma(FloatVector.broadcast(F, q[q0 + i]), a);
        b = keys.fma(FloatVector.broadcast(F, q[q1 + i]), b);
        c = keys.fma(FloatVector.broadcast(F, q[q2 + i]), c);
        d = keys.fma(FloatVector.broadcast(F, q[q3 + i]), d);
      }
      a.mul(job.scale).intoArray(job.scores, t);
      b.mul(job.scale).intoArray(job.scores, stride + t);
      c.mul(job.scale).intoArray(job.scores, 2 * stride + t);
      d.mul(job.scale).intoArray(job.scores, 3 * stride + t);
    }
  }

  /**
   * Scores of one block become weights relative to the largest so far; nothing seen, nothing done.
   */
  private static void weigh(AttentionJob job, int query, int valid) {
    float[] scores = job.scores;
    int offset = query * padded(job.blockSize);
    float max = job.max[query];
    for (int t = 0; t < valid; t++) {
      max = Math.max(max, scores[offset + t]);
    }
    for (int t = 0; t < job.blockSize; t += L) {
      FloatVector weights = exp(FloatVector.fromArray(F, scores, offset + t).sub(max));
      FloatVector.zero(F).blend(weights, F.indexInRange(t, valid)).intoArray(scores, offset + t);
    }
    float sum = 0;
    for (int t = 0; t < valid; t++) {
      sum += scores[offset + t];
    }
    float rescale = 1;
    if (valid > 0) {
      rescale = job.max[query] == Float.NEGATIVE_INFINITY ? 0 : exp(job.max[query] - max);
    }
    job.weight[query] = job.weight[query] * rescale + sum;
    job.rescale[query] = rescale;
    job.max[query] = max;
  }

  private static void mix(float[] v, int cache, AttentionJob job, int seen) {
    float[] scores = job.scores;
    float[] sums = job.sums;
    int headDim = job.headDim;
    int s1 = padded(job.blockSize);
    int s2 = 2 * s1;
    int s3 = 3 * s1;
    int stride = padded(headDim);
    for (int i = 0; i < headDim; i += L) {
      FloatVector a = FloatVector.fromArray(F, sums, i).mul(job.rescale[0]);
      FloatVector b = FloatVector.fromArray(F, sums, stride + i).mul(job.rescale[1]);
      FloatVector c = FloatVector.fromArray(F, sums, 2 * stride + i).mul(job.rescale[2]);
      FloatVector d = FloatVector.fromArray(F, sums, 3 * stride + i).mul(job.rescale[3]);
      int at = cache + i;
      for (int t = 0; t < seen; t++, at += headDim) {
        FloatVector values = FloatVector.fromArray(F, v, at);
        a = values.fma(FloatVector.broadcast(F, scores[t]), a);
        b = values.fma(FloatVector.broadcast(F, scores[s1 + t]), b);
        c = values.fma(FloatVector.broadcast(F, scores[s2 + t]), c);
        d = values.fma(FloatVector.broadcast(F, scores[s3 + t]), d);
      }
      a.intoArray(sums, i);
      b.intoArray(sums, stride + i);
      c.intoArray(sums, 2 * stride + i);
      d.intoArray(sums, 3 * stride + i);
    }
  }
}
