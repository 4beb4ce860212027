package io.baton.engine.cuda.backend;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.baton.engine.cuda.fake.FakeCuda;
import io.baton.engine.cuda.fake.FakeLaunches.Launch;
import io.baton.engine.model.ModelConfig;
import java.lang.foreign.MemorySegment;

/** What each kernel of layers.cu means, in float32, as plain as can be: the reference for both. */
final class JavaKernels {
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final ModelConfig config;
  private final int blockSize;

  private JavaKernels(ModelConfig config, int blockSize) {
    this.config = config;
    this.blockSize = blockSize;
  }

  /** Teaches the stand-in the kernels of a model. */
  static void teach(FakeCuda cuda, ModelConfig config, int blockSize) {
    var kernels = new JavaKernels(config, blockSize);
    cuda.kernel("embed", 3, kernels::embed)
        .kernel("add_rmsnorm", 5, kernels::addRmsNorm)
        .kernel("final_norm", 6, kernels::finalNorm)
        .kernel("qk_rope_kv", 9, kernels::ropeAndKv)
        .kernel("attention_any", 8, kernels::attention)
        .kernel("silu_mul", 2, kernels::siluMul)
        .kernel("argmax", 3, kernels::argmax)
        .kernel("gather_blocks", 4, l -> move(l, true))
        .kernel("scatter_blocks", 4, l -> move(l, false))
        .kernel("copy_blocks", 5, JavaKernels::copy);
    JavaDraws.teach(cuda);
  }

  private static float f(long address, long index) {
    return MEMORY.get(JAVA_FLOAT, address + 4 * index);
  }

  private static void put(long address, long index, float value) {
    MEMORY.set(JAVA_FLOAT, address + 4 * index, value);
  }

  private static int i(long address, long index) {
    return MEMORY.get(JAVA_INT, address + 4 * index);
  }

  private void embed(Launch l) {
    int hidden = config.hiddenSize();
    for (int row = 0; row < l.gridX(); row++) {
      for (int j = 0; j < hidden; j++) {
        long from = (long) i(l.longAt(0), row) * hidden + j;
        put(l.longAt(2), (long) row * hidden + j, f(l.longAt(1), from));
      }
    }
  }

  private void addRmsNorm(Launch l) {
    int hidden = config.hiddenSize();
    for (int row = 0; row < l.gridX(); row++) {
      long at = (long) row * hidden;
      for (int j = 0; l.longAt(1) != 0 && j < hidden; j++) {
        put(l.longAt(0), at + j, f(l.longAt(0), at + j) + f(l.longAt(1), at + j));
      }
      normalize(l.longAt(0) + 4 * at, l.longAt(2), l.longAt(3) + 4 * at, hidden, l.floatAt(4));
    }
  }

  private void finalNorm(Launch l) {
    int hidden = config.hiddenSize();
    for (int out = 0; out < l.gridX(); out++) {
      long at = (long) i(l.longAt(3), out) * hidden;
      long to = l.longAt(4) + 4L * out * hidden;
      for (int j = 0; j < hidden; j++) {
        put(to, j, f(l.longAt(0), at + j) + f(l.longAt(1), at + j));
      }
      normalize(to, l.longAt(2), to, hidden, l.floatAt(5));
    }
  }

  private static void normalize(long from, long weight, long to, int count, float eps) {
    double squares = 0;
    for (int j = 0; j < count; j++) {
      squares += (double) f(from, j) * f(from, j);
    }
    double scale = 1 / Math.sqrt(squares / count + eps);
    for (int j = 0; j < count; j++) {
      put(to, j, (float) (f(from, j) * scale) * f(weight, j));
    }
  }

  private void ropeAndKv(Launch l) {
    int dim = config.headDim();
    int heads = config.heads() + 2 * config.kvHeads();
    for (int row = 0; row < l.gridY(); row++) {
      for (int head = 0; head < heads; head++) {
        long at = l.longAt(0) + 4L * dim * (row * (long) heads + head);
        for (int d = 0; l.longAt(1) != 0 && d < dim; d++) {
          put(at, d, f(at, d) + f(l.longAt(1), (long) head * dim + d));
        }
        boolean query = head < config.heads();
        boolean value = head >= config.heads() + config.kvHeads();
        long weight = query ? l.longAt(2) : l.longAt(3);
        if (!value && weight != 0) {
          normalize(at, weight, at, dim, l.floatAt(8));
        }
        if (!value) {
          rotate(at, l.longAt(4) + 4L * dim * i(l.longAt(5), row));
        }
        if (!query) {
          int kvHead = head - config.heads();
          copyToBlock(at, l.longAt(7), i(l.longAt(6), row), kvHead);
        }
      }
    }
  }

  private void rotate(long at, long turns) {
    int half = config.headDim() / 2;
    for (int d = 0; d < half; d++) {
      float low = f(at, d);
      float high = f(at, d + half);
      float cos = f(turns, 2L * d);
      float sin = f(turns, 2L * d + 1);
      put(at, d, low * cos - high * sin);
      put(at, d + half, high * cos + low * sin);
    }
  }

  /** Heads of V follow those of K. */
  private long place(long kv, int block, int kvHead, int token) {
    long head = ((long) block * 2 * config.kvHeads() + kvHead) * blockSize + token;
    return kv + 4 * head * config.headDim();
  }

  private void copyToBlock(long at, long kv, int slot, int kvHead) {
    long to = place(kv, slot / blockSize, kvHead, slot % blockSize);
    for (int d = 0; d < config.headDim(); d++) {
      put(to, d, f(at, d));
    }
  }

  private void attention(Launch l) {
    int dim = config.headDim();
    for (int row = 0; row < l.gridY(); row++) {
      long table = l.longAt(2) + 4L * l.intAt(3) * i(l.longAt(4), row);
      int count = i(l.longAt(5), row) + 1;
      for (int head = 0; head < config.heads(); head++) {
        long query =
            l.longAt(0) + 4L * dim * (row * (long) (config.heads() + 2 * config.kvHeads()) + head);
        long out = l.longAt(6) + 4L * dim * (row * (long) config.heads() + head);
        attendOne(query, l.longAt(1), table, count, head / config.group(), l.floatAt(7), out);
      }
    }
  }

  private void attendOne(
      long query, long kv, long table, int count, int kvHead, float scale, long out) {
    var scores = new double[count];
    double most = Double.NEGATIVE_INFINITY;
    for (int t = 0; t < count; t++) {
      long key = place(kv, i(table, t / blockSize), kvHead, t % blockSize);
      for (int d = 0; d < config.headDim(); d++) {
        scores[t] += (double) f(query, d) * f(key, d);
      }
      scores[t] *= scale;
      most = Math.max(most, scores[t]);
    }
    var sum = new double[config.headDim()];
    double total = 0;
    for (int t = 0; t < count; t++) {
      double p = Math.exp(scores[t] - most);
      total += p;
      long value = place(kv, i(table, t / blockSize), config.kvHeads() + kvHead, t % blockSize);
      for (int d = 0; d < sum.length; d++) {
        sum[d] += p * f(value, d);
      }
    }
    for (int d = 0; d < sum.length; d++) {
      put(out, d, (float) (sum[d] / total));
    }
  }

  private void siluMul(Launch l) {
    int mlp = config.mlpSize();
    for (int row = 0; row < l.gridY(); row++) {
      for (int j = 0; j < mlp; j++) {
        float gate = f(l.longAt(0), 2L * row * mlp + j);
        float up = f(l.longAt(0), 2L * row * mlp + mlp + j);
        put(l.longAt(1), (long) row * mlp + j, (float) (gate / (1 + Math.exp(-gate))) * up);
      }
    }
  }

  private static void move(Launch l, boolean out) {
    long bytes = 16L * l.intAt(3);
    for (int i = 0; i < l.gridY(); i++) {
      long block = l.longAt(0) + bytes * i(l.longAt(1), i);
      long piece = l.longAt(2) + bytes * i;
      MemorySegment.copy(MEMORY, out ? block : piece, MEMORY, out ? piece : block, bytes);
    }
  }

  private static void copy(Launch l) {
    long bytes = 16L * l.intAt(4);
    for (int i = 0; i < l.gridY(); i++) {
      long from = l.longAt(0) + bytes * i(l.longAt(1), i);
      long to = l.longAt(2) + bytes * i(l.longAt(3), i);
      MemorySegment.copy(MEMORY, from, MEMORY, to, bytes);
    }
  }

  private void argmax(Launch l) {
    int vocabulary = l.intAt(2);
    for (int row = 0; row < l.gridX(); row++) {
      int best = 0;
      for (int id = 1; id < vocabulary; id++) {
        long at = (long) row * vocabulary;
        best = f(l.longAt(0), at + id) > f(l.longAt(0), at + best) ? id : best;
      }
      MEMORY.set(JAVA_INT, l.longAt(1) + 4L * row, best);
    }
  }
}
