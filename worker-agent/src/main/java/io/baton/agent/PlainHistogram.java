package io.baton.agent;

import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntToLongFunction;

/** A histogram with fixed bounds, written in Prometheus' text form. Thread-safe. */
final class PlainHistogram {
  private final double[] bounds;
  private final LongAdder[] counts;
  private final DoubleAdder sum = new DoubleAdder();

  PlainHistogram(double[] bounds) {
    this.bounds = bounds.clone();
    this.counts = new LongAdder[bounds.length + 1];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  void add(double value) {
    add(value, 1);
  }

  /** The same value several times. */
  void add(double value, int times) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    counts[bucket].add(times);
    sum.add(value * times);
  }

  private long cumulative(int place) {
    long total = 0;
    for (int i = 0; i <= place; i++) {
      total += counts[i].sum();
    }
    return total;
  }

  void write(StringBuilder out, String name, String labels) {
    out.append("# TYPE ").append(name).append(" histogram\n");
    write(out, name, labels, bounds, this::cumulative, sum.sum());
  }

  /**
   * Writes one series.
   *
   * @param cumulative observations up to a bound, by its place; the place after the last: all
   */
  static void write(
      StringBuilder out,
      String name,
      String labels,
      double[] bounds,
      IntToLongFunction cumulative,
      double sum) {
    long all = cumulative.applyAsLong(bounds.length);
    for (int i = 0; i < bounds.length; i++) {
      String le = ",le=\"" + bounds[i] + "\"";
      // A bucket read later may be ahead of the total.
      line(out, name + "_bucket", labels + le, (double) Math.min(all, cumulative.applyAsLong(i)));
    }
    line(out, name + "_bucket", labels + ",le=\"+Inf\"", (double) all);
    line(out, name + "_sum", labels, sum);
    line(out, name + "_count", labels, (double) all);
  }

  private static void line(StringBuilder out, String name, String labels, double value) {
    out.append(name).append('{').append(labels).append("} ").append(value).append('\n');
  }
}
