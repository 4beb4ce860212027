package io.baton.engine.backend.cpu;

import io.baton.engine.backend.KvLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * K and V of all blocks, float32. K lies {@code [layer][block, kv head, head dim, block size]}, V
 * {@code [layer][block, kv head, block size, head dim]}. Distinct blocks may be used by distinct
 * threads at once.
 */
final class KvArrays {
  private final int layers;
  private final int kvHeads;
  private final int headDim;
  private final int blockSize;

  /** Floats of K, or of V, in one layer of one block. */
  private final int blockFloats;

  private final float[][] k;
  private final float[][] v;

  /**
   * Zeroed KV.
   *
   * @throws IllegalArgumentException if a layer has more floats than a Java array
   */
  KvArrays(int layers, int kvHeads, int headDim, int blockSize, int blocks) {
    this.layers = layers;
    this.kvHeads = kvHeads;
    this.headDim = headDim;
    this.blockSize = blockSize;
    this.blockFloats = kvHeads * headDim * blockSize;
    // Kernels read a vector at a time and so beyond the end of the last block.
    long floats = (long) blocks * blockFloats + Kernels.PADDING;
    if (floats > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "blocks: " + blocks + " (expected: at most " + Integer.MAX_VALUE / blockFloats + ")");
    }
    k = new float[layers][(int) floats];
    v = new float[layers][(int) floats];
  }

  /** Bytes of one block of such a model, all layers. */
  static long blockBytes(int layers, int kvHeads, int headDim, int blockSize) {
    return 2L * Float.BYTES * layers * kvHeads * headDim * blockSize;
  }

  float[] k(int layer) {
    return k[layer];
  }

  float[] v(int layer) {
    return v[layer];
  }

  KvLayout layout(String model) {
    String form = "/f32/" + layers + "x" + kvHeads + "x" + headDim + "x" + blockSize;
    return new KvLayout(layers, 2 * Float.BYTES * blockFloats, "cpu/" + model + form);
  }

  /** Writes K and V of one position, all heads. */
  void write(int layer, int[] table, int position, float[] keys, float[] values, int offset) {
    int block = table[position / blockSize];
    int token = position % blockSize;
    float[] toK = k[layer];
    float[] toV = v[layer];
    for (int head = 0; head < kvHeads; head++) {
      int base = (block * kvHeads + head) * headDim * blockSize;
      int from = offset + head * headDim;
      for (int d = 0; d < headDim; d++) {
        toK[base + d * blockSize + token] = keys[from + d];
      }
      System.arraycopy(values, from, toV, base + token * headDim, headDim);
    }
  }

  void copyBlock(int block, KvArrays to, int toBlock) {
    for (int layer = 0; layer < layers; layer++) {
      System.arraycopy(
          k[layer], block * blockFloats, to.k[layer], toBlock * blockFloats, blockFloats);
      System.arraycopy(
          v[layer], block * blockFloats, to.v[layer], toBlock * blockFloats, blockFloats);
    }
  }

  void exportBlock(int block, int layer, ByteBuffer into) {
    FloatBuffer floats = floats(into);
    floats.put(k[layer], block * blockFloats, blockFloats);
    floats.put(v[layer], block * blockFloats, blockFloats);
    into.position(into.position() + 2 * Float.BYTES * blockFloats);
  }

  void importBlock(int block, int layer, ByteBuffer from) {
    FloatBuffer floats = floats(from);
    floats.get(k[layer], block * blockFloats, blockFloats);
    floats.get(v[layer], block * blockFloats, blockFloats);
    from.position(from.position() + 2 * Float.BYTES * blockFloats);
  }

  private static FloatBuffer floats(ByteBuffer bytes) {
    return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }
}
