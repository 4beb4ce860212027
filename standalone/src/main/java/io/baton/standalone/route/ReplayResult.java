package io.baton.standalone.route;

import java.util.Arrays;
import java.util.List;

/**
 * What a policy came to.
 *
 * @param hitRate share of prompt tokens that were not computed
 * @param ttft seconds from arrival to first token
 * @param itl mean seconds between the tokens of an answer, over answers
 * @param withinTwoSeconds share of requests whose first token came within 2 s
 * @param imbalance computed prompt tokens of the busiest worker, over the mean
 * @param outputTokensPerSecond from the first arrival to the last token
 * @param decisionMicros mean time of a decision, real time
 * @param beliefs what the policy had learnt at the end; empty if nothing
 */
record ReplayResult(
    String policy,
    int requests,
    double hitRate,
    Spread ttft,
    Spread itl,
    double withinTwoSeconds,
    double imbalance,
    double outputTokensPerSecond,
    double decisionMicros,
    String beliefs) {
  private static final double GOOD_SECONDS = 2;
  private static final int CURVE_POINTS = 101;

  /**
   * A distribution.
   *
   * @param curve its percentiles from 0 to 100
   */
  record Spread(double mean, double p50, double p90, double p99, double[] curve) {
    static Spread of(double[] values) {
      if (values.length == 0) {
        return new Spread(0, 0, 0, 0, new double[CURVE_POINTS]);
      }
      Arrays.sort(values);
      double[] curve = new double[CURVE_POINTS];
      for (int i = 0; i < CURVE_POINTS; i++) {
        curve[i] = at(values, i / 100.0);
      }
      return new Spread(
          Arrays.stream(values).average().orElse(0),
          at(values, 0.5),
          at(values, 0.9),
          at(values, 0.99),
          curve);
    }

    /** By nearest rank. */
    private static double at(double[] sorted, double share) {
      return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
  }

  static ReplayResult of(
      String policy,
      List<SimRequest> requests,
      int workers,
      double decisionMicros,
      String beliefs) {
    long input = 0;
    long hits = 0;
    long output = 0;
    long start = Long.MAX_VALUE;
    long end = 0;
    double[] computed = new double[workers];
    for (SimRequest r : requests) {
      input += r.trace.inputTokens();
      hits += r.hitTokens;
      output += r.trace.outputTokens();
      computed[r.worker] += r.uncachedTokens();
      start = Math.min(start, r.trace.arrivalNanos());
      end = Math.max(end, r.endNanos);
    }
    double[] ttft = requests.stream().mapToDouble(r -> r.ttftNanos() / 1e9).toArray();
    double[] itl =
        requests.stream()
            .filter(r -> r.trace.outputTokens() > 1)
            .mapToDouble(r -> (r.endNanos - r.firstTokenNanos) / 1e9 / r.trace.outputTokens())
            .toArray();
    double good = Arrays.stream(ttft).filter(t -> t <= GOOD_SECONDS).count();
    double busiest = Arrays.stream(computed).max().orElse(0);
    double mean = Arrays.stream(computed).average().orElse(0);
    return new ReplayResult(
        policy,
        requests.size(),
        (double) hits / input,
        Spread.of(ttft),
        Spread.of(itl),
        good / requests.size(),
        mean == 0 ? 1 : busiest / mean,
        output / ((end - start) / 1e9),
        decisionMicros,
        beliefs);
  }
}
