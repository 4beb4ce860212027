package io.baton.engine.cuda.backend;

import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.model.ModelConfig;
import io.baton.engine.model.ModelException;
import java.util.ArrayList;
import java.util.List;

/**
 * Sizes of a model on the device. Rows of q, k and v lie side by side, so do those of gate and up.
 *
 * @param type of weights, activations and KV
 */
record ModelShape(ModelConfig config, ElementType type, int blockSize) {
  private static final int BYTES_AT_ONCE = 16;
  private static final int LARGEST_HEAD = 256;
  private static final int FAST_HEAD = 128;
  private static final int FAST_BLOCK = 16;

  static ModelShape of(ModelConfig config, ElementType type, int blockSize) throws ModelException {
    int atOnce = BYTES_AT_ONCE / type.bytes();
    require("hidden_size", config.hiddenSize(), config.hiddenSize() % atOnce == 0, atOnce);
    require("intermediate_size", config.mlpSize(), config.mlpSize() % atOnce == 0, atOnce);
    int blockBytes = 2 * config.kvHeads() * config.headDim() * blockSize * type.bytes();
    require("KV bytes of a block", blockBytes, blockBytes % BYTES_AT_ONCE == 0, BYTES_AT_ONCE);
    if (config.headDim() > LARGEST_HEAD) {
      throw new ModelException(
          "head_dim: " + config.headDim() + " (expected by cuda: at most " + LARGEST_HEAD + ")");
    }
    return new ModelShape(config, type, blockSize);
  }

  private static void require(String name, int value, boolean good, int multiple)
      throws ModelException {
    if (!good) {
      throw new ModelException(
          "%s: %d (expected by cuda in this element type: a multiple of %d; float32 needs less)"
              .formatted(name, value, multiple));
    }
  }

  int hidden() {
    return config.hiddenSize();
  }

  int queryWidth() {
    return config.heads() * config.headDim();
  }

  int kvWidth() {
    return config.kvHeads() * config.headDim();
  }

  int qkvWidth() {
    return queryWidth() + 2 * kvWidth();
  }

  /** Bytes of K and V of one block in one layer. */
  int layerBlockBytes() {
    return 2 * kvWidth() * blockSize * type.bytes();
  }

  long blockBytes() {
    return (long) config.layers() * layerBlockBytes();
  }

  /** Whether the kernels for heads of 128 dimensions fit. */
  boolean fastAttention() {
    return type != ElementType.F32 && config.headDim() == FAST_HEAD && blockSize == FAST_BLOCK;
  }

  /** Options that all kernels of the model are compiled with. */
  List<String> options() {
    var options = new ArrayList<String>();
    options.add(
        "-DELEM="
            + switch (type) {
              case F32 -> 0;
              case BF16 -> 1;
              case F16 -> 2;
            });
    options.add("-DHEADS=" + config.heads());
    options.add("-DKV_HEADS=" + config.kvHeads());
    options.add("-DHEAD_DIM=" + config.headDim());
    options.add("-DBLOCK_SIZE=" + blockSize);
    return options;
  }

  /** Those of the kernels of layers. */
  List<String> layerOptions() {
    List<String> options = new ArrayList<>(options());
    options.add("-DHIDDEN=" + config.hiddenSize());
    options.add("-DMLP=" + config.mlpSize());
    return options;
  }

  /** What both ends of a handoff must have in common, beside the model. */
  String form() {
    return "/%s/%dx%dx%dx%d"
        .formatted(
            type.name().toLowerCase(java.util.Locale.ROOT),
            config.layers(),
            config.kvHeads(),
            config.headDim(),
            blockSize);
  }
}
