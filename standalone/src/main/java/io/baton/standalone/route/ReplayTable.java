package io.baton.standalone.route;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Results for people, a line each. */
final class ReplayTable {
  private final PrintWriter out;

  ReplayTable(PrintWriter out) {
    this.out = out;
    out.printf(
        "%-14s %7s %8s %8s %8s %8s %8s %8s %9s %9s %10s %9s%n",
        "policy",
        "hit %",
        "TTFT s",
        "p50",
        "p90",
        "p99",
        "<=2s %",
        "ITL ms",
        "ITL p99",
        "max/mean",
        "out tok/s",
        "us/route");
  }

  void row(ReplayResult r) {
    out.printf(
        Locale.ROOT,
        "%-14s %7.1f %8.3f %8.3f %8.2f %8.2f %8.1f %8.1f %9.1f %9.3f %10.0f %9.1f%n",
        r.policy(),
        100 * r.hitRate(),
        r.ttft().mean(),
        r.ttft().p50(),
        r.ttft().p90(),
        r.ttft().p99(),
        100 * r.withinTwoSeconds(),
        1e3 * r.itl().mean(),
        1e3 * r.itl().p99(),
        r.imbalance(),
        r.outputTokensPerSecond(),
        r.decisionMicros());
  }

  /** What the policies had learnt at the end. */
  void beliefs(List<ReplayResult> results) {
    results.stream()
        .filter(r -> !r.beliefs().isEmpty())
        .forEach(r -> out.println(r.policy() + " ended with: " + r.beliefs()));
  }
}
