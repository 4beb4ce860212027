package io.baton.kvrouter;

/**
 * Whether a worker rank's cache is what its events say: at the end of each leg, what was predicted
 * is held against what the engine found. Both fade, so that a rank that is mended is believed
 * again. Safe for use by many threads.
 */
public final class Truth {
  private static final double SHARE = 1.0 / 32;
  private static final int ENOUGH = 8;

  /**
   * Below this share of what was promised, a rank is not believed; above the second, it is again.
   */
  private static final double DISTRUST_BELOW = 0.5;

  private static final double TRUST_ABOVE = 0.8;

  private double promised;
  private double missing;
  private double surplus;
  private int comparisons;
  private volatile boolean trusted = true;

  Truth() {}

  /**
   * How well predictions have come true lately.
   *
   * @param comparisons legs compared, up to those that count
   * @param keptShare of the tokens promised, the share that the engine found; 1 if none were
   *     promised
   * @param surplusTokens mean tokens a leg that the engine found and nobody had promised
   * @param trusted whether its events are believed
   * @param cause what is most likely wrong; empty if nothing is
   */
  public record Figures(
      int comparisons, double keptShare, double surplusTokens, boolean trusted, String cause) {}

  /** Compares one leg, in tokens. */
  synchronized void compare(long predicted, long found) {
    comparisons = Math.min(comparisons + 1, (int) (1 / SHARE));
    double share = 1.0 / comparisons;
    promised += share * (predicted - promised);
    missing += share * (Math.max(0, predicted - found) - missing);
    surplus += share * (Math.max(0, found - predicted) - surplus);
    if (comparisons >= ENOUGH) {
      double kept = kept();
      trusted = trusted ? kept >= DISTRUST_BELOW : kept > TRUST_ABOVE;
    }
  }

  boolean trusted() {
    return trusted;
  }

  synchronized Figures figures() {
    return new Figures(comparisons, kept(), surplus, trusted, cause());
  }

  private double kept() {
    return promised < 1 ? 1 : Math.max(0, 1 - missing / promised);
  }

  /** What kinds of mistakes look like. */
  private String cause() {
    if (comparisons < ENOUGH) {
      return "";
    }
    double kept = kept();
    if (kept < 0.02) {
      return "nothing promised is ever found: salt, template or tokenizer differ, or the engine's"
          + " prefix cache is off";
    }
    if (kept < DISTRUST_BELOW) {
      return "much that was promised is gone: lost events, or the engine was restarted or cleared"
          + " without saying so";
    }
    if (promised < 1 && surplus > 64) {
      return "the engine finds what nobody promised: events are missing, or block sizes differ";
    }
    return "";
  }
}
