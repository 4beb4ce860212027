package io.baton.engine.model;

/**
 * The shape of a decoder-only transformer: RMSNorm, rotary embedding, grouped-query attention,
 * SiLU-gated MLP. What differs between the families is data here; biases show in the tensors.
 *
 * @param hiddenSize width of the residual stream
 * @param headDim width of one attention head; not always {@code hiddenSize / heads}
 * @param kvHeads heads of K and V, each shared by {@code heads / kvHeads} query heads
 * @param mlpSize width inside the MLP
 * @param normEps added to the mean square in RMSNorm
 * @param qkNorm whether q and k are normalized per head before they are rotated
 * @param tiedHead whether the embedding is the output matrix too
 * @param maxPositions longest context, in tokens
 */
public record ModelConfig(
    Family family,
    int vocabSize,
    int hiddenSize,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    int mlpSize,
    float normEps,
    boolean qkNorm,
    TiedHead tiedHead,
    int maxPositions,
    Rope rope) {

  /** The architectures that are served. */
  public enum Family {
    LLAMA("llama"),
    MISTRAL("mistral"),
    QWEN2("qwen2"),
    QWEN3("qwen3");

    private final String modelType;

    Family(String modelType) {
      this.modelType = modelType;
    }

    /** As {@code model_type} in config.json. */
    public String modelType() {
      return modelType;
    }
  }

  /** Where the output matrix comes from. */
  public enum TiedHead {
    /** It is the embedding. */
    YES,
    /** It is {@code lm_head.weight}. */
    NO,
    /** The configuration does not say: {@code lm_head.weight} if it is there. */
    BY_TENSORS
  }

  /** Query heads that share one head of K and V. */
  public int group() {
    return heads / kvHeads;
  }
}
