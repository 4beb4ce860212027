package io.baton.engine.cuda.bench;

import io.baton.engine.cuda.backend.RandomModel;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.model.ModelConfig;
import io.baton.engine.model.ModelException;

/**
 * What steps of a model have to read and compute.
 *
 * @param weightBytes read by every step; the embedding only where it is the output matrix too
 * @param kvBytesPerToken read for each token of a context
 */
public record Work(ModelConfig config, long weightBytes, long kvBytesPerToken) {

  /** Of a model whose weights and KV are of these types. */
  public static Work of(ModelConfig config, ElementType weights, ElementType kv)
      throws ModelException {
    return new Work(
        config,
        RandomModel.sizes(config, weights).weightBytes(),
        RandomModel.sizes(config, kv).kvBytesPerToken());
  }

  /** Bytes that a step of answers cannot do without. */
  public double decodeBytes(int batch, int context) {
    return weightBytes + (double) batch * context * kvBytesPerToken;
  }

  /** Operations of a prompt: logits of its last token only, attention over half the square. */
  public double prefillOperations(int prompt) throws ModelException {
    double head = 2.0 * config.vocabSize() * config.hiddenSize();
    double attention =
        2.0 * config.layers() * config.heads() * config.headDim() * (double) prompt * prompt;
    double perToken = RandomModel.sizes(config, ElementType.F32).flopsPerToken();
    return prompt * (perToken - head) + head + attention;
  }
}
