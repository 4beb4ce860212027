package io.baton.kvrouter;

/**
 * A straight line {@code y = base + slope * x} through what was seen lately, older sightings
 * fading. It starts from a stated slope and stays within a factor of it, so that no run of odd
 * sightings can make nonsense of it. Not safe for use by several threads.
 */
final class LearntLine {
  /** Sightings that count about equally; after so many the line is fully one's own. */
  private static final double MEMORY = 256;

  private static final int ENOUGH = 16;

  /** Spread of x, as a share of its mean, below which a slope cannot be told from a base. */
  private static final double LEAST_SPREAD = 0.1;

  private final double leastSlope;
  private final double mostSlope;

  private double count;
  private double meanX;
  private double meanY;
  private double varX;
  private double covXy;
  private double slope;

  /**
   * A line that nothing is known of but its slope.
   *
   * @param down by what factor the slope may fall below that
   * @param up by what factor it may rise above it
   */
  LearntLine(double startSlope, double down, double up) {
    this.leastSlope = startSlope / down;
    this.mostSlope = startSlope * up;
    this.slope = startSlope;
  }

  /** Takes a sighting; one far off the line counts as less far. */
  void saw(double x, double y) {
    double expected = base() + slope * x;
    double bounded = count < ENOUGH ? y : Math.clamp(y, expected / 5, Math.max(expected, 1e-3) * 5);
    count = Math.min(count + 1, MEMORY);
    double share = 1 / count;
    double dx = x - meanX;
    double dy = bounded - meanY;
    meanX += share * dx;
    meanY += share * dy;
    varX = (1 - share) * (varX + share * dx * dx);
    covXy = (1 - share) * (covXy + share * dx * dy);
    if (count >= ENOUGH && varX > LEAST_SPREAD * LEAST_SPREAD * meanX * meanX) {
      slope = Math.clamp(covXy / varX, leastSlope, mostSlope);
    }
  }

  double slope() {
    return slope;
  }

  /** What y is at x = 0; at least 0. */
  double base() {
    return Math.max(0, meanY - slope * meanX);
  }

  /** Sightings taken, up to those that count. */
  int sightings() {
    return (int) count;
  }
}
