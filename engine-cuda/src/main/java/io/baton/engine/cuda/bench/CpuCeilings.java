package io.baton.engine.cuda.bench;

import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Ceilings of the processors: one loop of multiply-adds by every thread, over floats that no cache
 * holds, and over few that the nearest cache holds.
 */
final class CpuCeilings {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int SUMS = 4;
  private static final int LARGE = 64 << 20;
  private static final int SMALL = 4 << 10;
  private static final int ROUNDS = 4;

  private CpuCeilings() {}

  /** Measures; takes some seconds and 256 MiB of heap. */
  static Ceilings measure(int threads) {
    var large = new float[LARGE];
    java.util.Arrays.fill(large, 0.5f);
    double memory = perSecond(large, LARGE, threads, 1);
    double cache = perSecond(large, SMALL, threads, 200_000);
    return new Ceilings(
        Float.BYTES * memory,
        2 * cache,
        "multiply-adds by %d threads over %d MiB, and over %d KiB"
            .formatted(threads, LARGE >> 18, SMALL >> 8));
  }

  /** Floats a second, best of some rounds: all threads share the large array. */
  private static double perSecond(float[] data, int length, int threads, int repeats) {
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      boolean shared = length == data.length;
      long start = System.nanoTime();
      double sum =
          IntStream.range(0, threads)
              .parallel()
              .mapToDouble(t -> {
                int part = shared ? length / threads : length;
                return multiplyAdd(data, shared ? t * part : 0, part, repeats);
              })
              .sum();
      double seconds = (System.nanoTime() - start) / 1e9;
      if (Double.isNaN(sum)) {
        throw new IllegalStateException("multiply-adds of halves are no number");
      }
      double floats = (double) length * repeats * (shared ? 1 : threads);
      best = Math.max(best, floats / seconds);
    }
    return best;
  }

  private static double multiplyAdd(float[] data, int from, int length, int repeats) {
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    FloatVector factor = FloatVector.broadcast(SPECIES, 0.25f);
    int step = SUMS * SPECIES.length();
    int end = from + length / step * step;
    for (int repeat = 0; repeat < repeats; repeat++) {
      for (int i = from; i < end; i += step) {
        a = FloatVector.fromArray(SPECIES, data, i).fma(factor, a);
        b = FloatVector.fromArray(SPECIES, data, i + SPECIES.length()).fma(factor, b);
        c = FloatVector.fromArray(SPECIES, data, i + 2 * SPECIES.length()).fma(factor, c);
        d = FloatVector.fromArray(SPECIES, data, i + 3 * SPECIES.length()).fma(factor, d);
      }
    }
    return a.add(b).add(c.add(d)).lane(0);
  }
}
