package io.baton.engine.cuda.backend;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.baton.engine.cuda.fake.FakeCuda;
import io.baton.engine.cuda.fake.FakeLaunches.Launch;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.stream.IntStream;

/** What the kernel of sampling.cu means, as plain as can be: everything is sorted. */
final class JavaDraws {
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final int MOST_CANDIDATES = 2048;

  private JavaDraws() {}

  static void teach(FakeCuda cuda) {
    cuda.kernel("draw_tokens", 6, JavaDraws::drawAll);
  }

  private static void drawAll(Launch l) {
    for (int i = 0; i < l.gridX(); i++) {
      drawOne(l, l.longAt(2) + 48L * i, l.longAt(5) + 184L * i);
    }
  }

  private static int int32(long at) {
    return MEMORY.get(JAVA_INT, at);
  }

  private static float f32(long at) {
    return MEMORY.get(JAVA_FLOAT, at);
  }

  private static void drawOne(Launch l, long draw, long out) {
    int vocabulary = l.intAt(1);
    var model = new float[vocabulary];
    MemorySegment.copy(
        MEMORY, JAVA_FLOAT, l.longAt(0) + 4L * vocabulary * int32(draw), model, 0, vocabulary);
    float[] changed = changed(l, draw, model);
    int token = f32(draw + 16) == 0 ? sorted(changed)[0] : sampled(changed, draw, f32(draw + 16));
    MEMORY.set(JAVA_INT, out, token);
    if (token >= 0) {
      MEMORY.set(JAVA_FLOAT, out + 16, model[token]);
    }
    int top = int32(draw + 40);
    if (top >= 0) {
      explain(model, top, out);
    }
  }

  private static float[] changed(Launch l, long draw, float[] model) {
    float[] changed = model.clone();
    for (int e = int32(draw + 4); e < int32(draw + 4) + int32(draw + 8); e++) {
      long edit = l.longAt(3) + 16L * e;
      float with = changed[int32(edit)] + f32(edit + 4);
      float repetition = f32(edit + 8);
      with = with > 0 ? with / repetition : with * repetition;
      changed[int32(edit)] = with - f32(edit + 12);
    }
    int mask = int32(draw + 12);
    for (int id = 0; mask >= 0 && id < changed.length; id++) {
      long word = MEMORY.get(JAVA_LONG, l.longAt(4) + 8L * (mask + id / 64));
      if ((word >>> id % 64 & 1) == 0) {
        changed[id] = Float.NEGATIVE_INFINITY;
      }
    }
    return changed;
  }

  private static int[] sorted(float[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(Comparator.<Integer>comparingDouble(id -> -values[id]).thenComparingInt(id -> id))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static int sampled(float[] values, long draw, float temperature) {
    int topK = int32(draw + 20);
    float topP = f32(draw + 24);
    double minP = f32(draw + 28);
    double uniform = MEMORY.get(JAVA_DOUBLE, draw + 32);
    int[] order = sorted(values);
    double most = values[order[0]];
    var weights = new double[values.length];
    for (int id = 0; id < values.length; id++) {
      weights[id] = Math.exp((values[id] - most) / temperature);
    }
    boolean filtered = (topK > 0 && topK < values.length) || topP < 1;
    int kept = order.length;
    if (filtered) {
      kept = topK > 0 ? Math.min(kept, topK) : kept;
      double target = topP * sum(weights, order, kept);
      for (int i = 0; topP < 1 && i < kept; i++) {
        kept = sum(weights, order, i + 1) >= target ? i + 1 : kept;
      }
      if (kept > MOST_CANDIDATES) {
        return -1;
      }
    } else {
      order = IntStream.range(0, values.length).toArray();
    }
    int[] left = IntStream.of(order).limit(kept).filter(id -> weights[id] >= minP).toArray();
    double target = uniform * sum(weights, left, left.length);
    double sum = 0;
    for (int id : left) {
      sum += weights[id];
      if (target < sum) {
        return id;
      }
    }
    return left[left.length - 1];
  }

  private static double sum(double[] weights, int[] order, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += weights[order[i]];
    }
    return sum;
  }

  private static void explain(float[] model, int top, long out) {
    double most = model[sorted(model)[0]];
    double sum = 0;
    for (float logit : model) {
      sum += Math.exp(logit - most);
    }
    MEMORY.set(JAVA_DOUBLE, out + 8, most + Math.log(sum));
    int[] order = sorted(model);
    int found = Math.min(top, order.length);
    MEMORY.set(JAVA_INT, out + 4, found);
    for (int i = 0; i < found; i++) {
      MEMORY.set(JAVA_INT, out + 20 + 4L * i, order[i]);
      MEMORY.set(JAVA_FLOAT, out + 100 + 4L * i, model[order[i]]);
    }
  }
}
