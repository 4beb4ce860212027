package io.baton.engine.backend.cpu;

import io.baton.engine.model.Tensor;
import io.baton.engine.model.Weights.Layer;
import org.jspecify.annotations.Nullable;

/** One layer's weights as the kernels take them. */
record CpuLayer(
    float[] inputNorm,
    Matrix q,
    Matrix k,
    Matrix v,
    Matrix o,
    float @Nullable [] qNorm,
    float @Nullable [] kNorm,
    float[] mlpNorm,
    Matrix gate,
    Matrix up,
    Matrix down) {

  static CpuLayer of(Layer layer) {
    return new CpuLayer(
        Matrix.vector(layer.inputNorm()),
        Matrix.of(layer.q()),
        Matrix.of(layer.k()),
        Matrix.of(layer.v()),
        Matrix.of(layer.o()),
        optional(layer.qNorm()),
        optional(layer.kNorm()),
        Matrix.vector(layer.mlpNorm()),
        Matrix.of(layer.gate()),
        Matrix.of(layer.up()),
        Matrix.of(layer.down()));
  }

  private static float @Nullable [] optional(@Nullable Tensor tensor) {
    return tensor == null ? null : Matrix.vector(tensor);
  }
}
