package io.baton.engine.cuda.backend;

import io.baton.engine.backend.StepBatch;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaGraph;
import io.baton.engine.cuda.driver.CudaStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Steps of answers, one row a sequence, captured once per number of rows and length of contexts and
 * launched as a whole from then on. There are few of them: rows are filled up to the next bucket,
 * lengths to the next power of two.
 */
final class DecodeGraphs implements AutoCloseable {
  private static final int[] BUCKETS = {
    1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256
  };

  private record Key(int rows, int stride) {}

  private final CudaDevice device;
  private final CudaStream stream;
  private final int mostRows;
  private final Map<Key, CudaGraph> graphs = new HashMap<>();
  private final Set<Key> warm = new HashSet<>();

  DecodeGraphs(CudaDevice device, CudaStream stream, StepLimits limits) {
    this.device = device;
    this.stream = stream;
    this.mostRows =
        Math.min(
            Math.min(limits.rows(), limits.logitRows()),
            Math.min(limits.sequences(), BUCKETS[BUCKETS.length - 1]));
  }

  /** Rows to fill a batch up to; 0 if it is not one for a graph. */
  int rowsFor(StepBatch batch) {
    int rows = batch.rows();
    if (rows != batch.sequences() || rows != batch.logitRows() || rows > mostRows) {
      return 0;
    }
    for (int s = 0; s < rows; s++) {
      if (batch.position(s) < batch.promptLength(s)) {
        return 0;
      }
    }
    return bucket(rows, mostRows);
  }

  static int bucket(int rows, int most) {
    for (int bucket : BUCKETS) {
      if (bucket >= rows) {
        return Math.min(bucket, most);
      }
    }
    return 0;
  }

  /**
   * The graph of such a step; null the first time, when the step must run kernel by kernel so that
   * all of it is loaded before the capture.
   *
   * @param work puts the step into the stream
   */
  @Nullable CudaGraph graph(int rows, int stride, Runnable work, StepCounters counters) {
    var key = new Key(rows, stride);
    CudaGraph known = graphs.get(key);
    if (known != null || warm.add(key)) {
      return known;
    }
    CudaGraph made = CudaGraph.capture(device, stream, work);
    graphs.put(key, made);
    counters.graphsMade.increment();
    return made;
  }

  int count() {
    return graphs.size();
  }

  @Override
  public void close() {
    graphs.values().forEach(CudaGraph::close);
    graphs.clear();
  }
}
