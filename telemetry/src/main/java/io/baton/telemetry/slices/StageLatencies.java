package io.baton.telemetry.slices;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long stages took, whether requests are traced or not: feeds {@code
 * per_stage_req_latency_seconds}. Thread-safe; an observation is two additions.
 */
public final class StageLatencies {
  /** Upper bounds in seconds: SGLang's, 30 from 1 ms, each 1.62 times the one before. */
  public static final double[] BOUNDS = bounds();

  private static final double NANOS_PER_SECOND = 1e9;
  private final Map<String, Histogram> byStage = new ConcurrentHashMap<>();

  private static double[] bounds() {
    var bounds = new double[30];
    double bound = 0.001;
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = bound;
      bound *= 1.62;
    }
    return bounds;
  }

  /** Durations of one stage. */
  public static final class Histogram {
    private final LongAdder[] counts = new LongAdder[BOUNDS.length + 1];
    private final LongAdder nanos = new LongAdder();

    private Histogram() {
      for (int i = 0; i < counts.length; i++) {
        counts[i] = new LongAdder();
      }
    }

    private void add(long duration) {
      double seconds = duration / NANOS_PER_SECOND;
      int bucket = 0;
      while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
        bucket++;
      }
      counts[bucket].increment();
      nanos.add(duration);
    }

    /** Observations up to a bound, by its place; the place after the last counts all. */
    public long cumulative(int place) {
      long sum = 0;
      for (int i = 0; i <= place; i++) {
        sum += counts[i].sum();
      }
      return sum;
    }

    /** Sum of all durations, in seconds. */
    public double seconds() {
      return nanos.sum() / NANOS_PER_SECOND;
    }
  }

  /** Takes a duration, if the stage is also a metric. */
  public void observe(Stage stage, long nanos) {
    if (stage.metric()) {
      byStage.computeIfAbsent(stage.name(), name -> new Histogram()).add(Math.max(0, nanos));
    }
  }

  /** By stage name. */
  public Map<String, Histogram> all() {
    return new TreeMap<>(byStage);
  }
}
