package io.baton.engine.cuda.bench;

import io.baton.engine.model.ModelConfig;
import io.baton.engine.model.ModelConfig.Family;
import io.baton.engine.model.ModelConfig.TiedHead;
import io.baton.engine.model.Rope;

/** Shapes of well-known models, as their config.json has them. */
public final class Shapes {
  private static final double THETA_QWEN3 = 1e6;
  private static final double THETA_LLAMA3 = 5e5;

  public static final ModelConfig QWEN3_0_6B = qwen3(151_936, 1024, 28, 16, 3072, TiedHead.YES);

  public static final ModelConfig QWEN3_8B = qwen3(151_936, 4096, 36, 32, 12_288, TiedHead.NO);

  public static final ModelConfig LLAMA3_8B =
      new ModelConfig(
          Family.LLAMA,
          128_256,
          4096,
          32,
          32,
          8,
          128,
          14_336,
          1e-5f,
          false,
          TiedHead.NO,
          40_960,
          rope(THETA_LLAMA3));

  /** Two layers in the shape of the large ones: for checks of numbers. */
  public static final ModelConfig SMALL = qwen3(2048, 1024, 2, 16, 2048, TiedHead.NO);

  private Shapes() {}

  private static ModelConfig qwen3(
      int vocabulary, int hidden, int layers, int heads, int mlp, TiedHead tied) {
    return new ModelConfig(
        Family.QWEN3,
        vocabulary,
        hidden,
        layers,
        heads,
        8,
        128,
        mlp,
        1e-6f,
        true,
        tied,
        40_960,
        rope(THETA_QWEN3));
  }

  private static Rope rope(double theta) {
    var frequencies = new float[64];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) Math.pow(theta, -i / 64.0);
    }
    return new Rope(frequencies);
  }
}
