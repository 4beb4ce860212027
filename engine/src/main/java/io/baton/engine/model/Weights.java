package io.baton.engine.model;

import io.baton.engine.model.ModelConfig.Family;
import io.baton.engine.model.ModelConfig.TiedHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a model, named for what they do. Matrices are {@code [out, in]}.
 *
 * @param embedding {@code [vocab, hidden]}
 * @param finalNorm {@code [hidden]}
 * @param head {@code [vocab, hidden]}; the embedding itself where the two are tied
 */
public record Weights(Tensor embedding, List<Layer> layers, Tensor finalNorm, Tensor head) {

  /**
   * One layer.
   *
   * @param qNorm {@code [head_dim]}, for families that normalize q and k
   */
  public record Layer(
      Tensor inputNorm,
      Linear q,
      Linear k,
      Linear v,
      Linear o,
      @Nullable Tensor qNorm,
      @Nullable Tensor kNorm,
      Tensor mlpNorm,
      Linear gate,
      Linear up,
      Linear down) {}

  /**
   * {@code y = W x + b}.
   *
   * @param weight {@code [out, in]}
   * @param bias {@code [out]}, where the checkpoint has one
   */
  public record Linear(Tensor weight, @Nullable Tensor bias) {}

  static Weights find(ModelConfig config, Safetensors tensors, String where) throws ModelException {
    long hidden = config.hiddenSize();
    long vocab = config.vocabSize();
    Tensor embedding = tensors.take("model.embed_tokens.weight", vocab, hidden);
    var layers = new ArrayList<Layer>();
    for (int i = 0; i < config.layers(); i++) {
      layers.add(layer(config, tensors, "model.layers." + i + "."));
    }
    Tensor finalNorm = tensors.take("model.norm.weight", hidden);
    boolean tied =
        config.tiedHead() == TiedHead.YES
            || (config.tiedHead() == TiedHead.BY_TENSORS && !tensors.has("lm_head.weight"));
    Tensor head = tied ? embedding : tensors.take("lm_head.weight", vocab, hidden);
    refuseLeftovers(tensors.left(), where);
    return new Weights(embedding, List.copyOf(layers), finalNorm, head);
  }

  private static Layer layer(ModelConfig config, Safetensors tensors, String prefix)
      throws ModelException {
    int hidden = config.hiddenSize();
    int q = config.heads() * config.headDim();
    int kv = config.kvHeads() * config.headDim();
    int mlp = config.mlpSize();
    boolean qkNorm = config.qkNorm();
    String attention = prefix + "self_attn.";
    if (config.family() == Family.QWEN2) {
      tensors.take(attention + "q_proj.bias", q);
    }
    return new Layer(
        tensors.take(prefix + "input_layernorm.weight", hidden),
        linear(tensors, attention + "q_proj", q, hidden),
        linear(tensors, attention + "k_proj", kv, hidden),
        linear(tensors, attention + "v_proj", kv, hidden),
        linear(tensors, attention + "o_proj", hidden, q),
        qkNorm ? tensors.take(attention + "q_norm.weight", config.headDim()) : null,
        qkNorm ? tensors.take(attention + "k_norm.weight", config.headDim()) : null,
        tensors.take(prefix + "post_attention_layernorm.weight", hidden),
        linear(tensors, prefix + "mlp.gate_proj", mlp, hidden),
        linear(tensors, prefix + "mlp.up_proj", mlp, hidden),
        linear(tensors, prefix + "mlp.down_proj", hidden, mlp));
  }

  private static Linear linear(Safetensors tensors, String name, int out, int in)
      throws ModelException {
    return new Linear(
        tensors.take(name + ".weight", out, in), tensors.takeIfPresent(name + ".bias", out));
  }

  /** A tensor that nobody uses means a model that is not what we think it is. */
  private static void refuseLeftovers(Set<String> left, String where) throws ModelException {
    Set<String> unknown =
        left.stream()
            .filter(name -> !name.equals("lm_head.weight") && !name.endsWith("rotary_emb.inv_freq"))
            .collect(Collectors.toCollection(java.util.TreeSet::new));
    if (!unknown.isEmpty()) {
      throw new ModelException(
          where
              + ": "
              + unknown.size()
              + " tensors that this architecture does not use, the first is "
              + unknown.iterator().next());
    }
  }
}
