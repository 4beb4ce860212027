package io.baton.engine.cuda.backend;

import io.baton.engine.cuda.compile.KernelCache;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.cuda.gemm.Gemm;
import io.baton.engine.cuda.gemm.GemmContext;
import io.baton.engine.cuda.gemm.GemmShape;
import java.util.Optional;

/** The five matrix products of a model. */
final class Products implements AutoCloseable {
  private final GemmContext context;
  final Gemm qkv;
  final Gemm o;
  final Gemm gateUp;
  final Gemm down;
  final Gemm head;

  /**
   * Chooses algorithms on the device; takes some seconds for a large model.
   *
   * @param cache where choices are kept
   */
  Products(
      CudaDevice device,
      ModelShape shape,
      StepLimits limits,
      CudaStream stream,
      Optional<KernelCache> cache) {
    context = new GemmContext(device, cache);
    int hidden = shape.hidden();
    int mlp = shape.config().mlpSize();
    qkv = tuned(shape, shape.qkvWidth(), hidden, limits.rows(), stream);
    o = tuned(shape, hidden, shape.queryWidth(), limits.rows(), stream);
    gateUp = tuned(shape, 2 * mlp, hidden, limits.rows(), stream);
    down = tuned(shape, hidden, mlp, limits.rows(), stream);
    var headShape =
        new GemmShape(shape.config().vocabSize(), hidden, shape.type(), ElementType.F32);
    head = Gemm.tuned(context, headShape, limits.logitRows(), stream);
  }

  private Gemm tuned(ModelShape shape, int n, int k, int rows, CudaStream stream) {
    return Gemm.tuned(context, new GemmShape(n, k, shape.type(), shape.type()), rows, stream);
  }

  @Override
  public void close() {
    for (Gemm gemm : new Gemm[] {qkv, o, gateUp, down, head}) {
      gemm.close();
    }
    context.close();
  }
}
