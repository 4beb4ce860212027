package io.baton.engine.cuda.backend;

import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaEvent;
import io.baton.engine.cuda.driver.CudaGraph;
import io.baton.engine.cuda.driver.CudaStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntConsumer;

/** Times the parts of a step, each alone as a graph over all layers, best of some runs. */
final class StepProfile {
  private static final int RUNS = 5;

  private final CudaDevice device;
  private final CudaStream stream;
  private final int layers;

  StepProfile(CudaDevice device, CudaStream stream, int layers) {
    this.device = device;
    this.stream = stream;
    this.layers = layers;
  }

  /**
   * Microseconds by part.
   *
   * @param parts each puts its kernels for one layer into the stream
   */
  Map<String, Double> of(Map<String, IntConsumer> parts) {
    Map<String, Double> micros = new LinkedHashMap<>();
    parts.forEach((name, ofLayer) -> micros.put(name, micros(ofLayer)));
    return micros;
  }

  private double micros(IntConsumer ofLayer) {
    Runnable all =
        () -> {
          for (int layer = 0; layer < layers; layer++) {
            ofLayer.accept(layer);
          }
        };
    // Once before the capture: everything must be loaded.
    all.run();
    stream.synchronize();
    try (CudaGraph graph = CudaGraph.capture(device, stream, all);
        CudaEvent from = device.newTimingEvent();
        CudaEvent to = device.newTimingEvent()) {
      double best = Double.MAX_VALUE;
      for (int run = 0; run < RUNS; run++) {
        stream.record(from);
        graph.launch(stream);
        stream.record(to);
        to.await();
        best = Math.min(best, 1e3 * to.millisSince(from));
      }
      return best;
    }
  }
}
