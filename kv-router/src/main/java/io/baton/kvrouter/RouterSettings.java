package io.baton.kvrouter;

import java.time.Duration;

/**
 * How the router decides and what it may use.
 *
 * @param policy how a worker is chosen
 * @param cost what the estimate of policy {@link RoutingPolicy#KV} starts from
 * @param temperature 0: the least cost wins; above, the choice is drawn with probability falling
 *     with cost, 1 being a wide spread
 * @param holesPossible whether engines may drop a block and keep its children (sliding windows,
 *     partial state): then every block of a prompt is looked up instead of a few
 * @param indexCapacity most blocks in the prefix index; about 30 bytes each up to 64 worker ranks
 * @param predictionTtl how long a prompt just routed counts as cached while its events are not yet
 *     here, counted again and again while it waits to be computed; 0: not at all
 * @param predictionCapacity most blocks counted that way
 * @param receiptCandidates most candidates in a receipt
 */
public record RouterSettings(
    RoutingPolicy policy,
    CostSettings cost,
    double temperature,
    boolean holesPossible,
    int indexCapacity,
    Duration predictionTtl,
    int predictionCapacity,
    int receiptCandidates) {

  /** Checks every figure. */
  public RouterSettings {
    check(temperature >= 0, "temperature", temperature, ">= 0");
    check(indexCapacity >= 1, "indexCapacity", indexCapacity, ">= 1");
    check(!predictionTtl.isNegative(), "predictionTtl", predictionTtl, ">= 0");
    check(predictionCapacity >= 2, "predictionCapacity", predictionCapacity, ">= 2");
    check(receiptCandidates >= 1, "receiptCandidates", receiptCandidates, ">= 1");
  }

  private static void check(boolean good, String name, Object value, String expected) {
    if (!good) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }

  /** What is right for most fleets. */
  public static RouterSettings defaults() {
    return new RouterSettings(
        RoutingPolicy.KV,
        CostSettings.defaults(),
        0,
        false,
        1 << 22,
        Duration.ofSeconds(5),
        1 << 18,
        16);
  }

  /** These settings under another policy. */
  public RouterSettings withPolicy(RoutingPolicy newPolicy) {
    return new RouterSettings(
        newPolicy,
        cost,
        temperature,
        holesPossible,
        indexCapacity,
        predictionTtl,
        predictionCapacity,
        receiptCandidates);
  }

  /** These settings with another start for the cost estimate. */
  public RouterSettings withCost(CostSettings newCost) {
    return new RouterSettings(
        policy,
        newCost,
        temperature,
        holesPossible,
        indexCapacity,
        predictionTtl,
        predictionCapacity,
        receiptCandidates);
  }

  /** These settings with another temperature. */
  public RouterSettings withTemperature(double newTemperature) {
    return new RouterSettings(
        policy,
        cost,
        newTemperature,
        holesPossible,
        indexCapacity,
        predictionTtl,
        predictionCapacity,
        receiptCandidates);
  }

  /** These settings with other bounds of memory. */
  public RouterSettings withCapacities(int newIndexCapacity, int newPredictionCapacity) {
    return new RouterSettings(
        policy,
        cost,
        temperature,
        holesPossible,
        newIndexCapacity,
        predictionTtl,
        newPredictionCapacity,
        receiptCandidates);
  }

  /** These settings with every block looked up or not. */
  public RouterSettings withHolesPossible(boolean newHolesPossible) {
    return new RouterSettings(
        policy,
        cost,
        temperature,
        newHolesPossible,
        indexCapacity,
        predictionTtl,
        predictionCapacity,
        receiptCandidates);
  }

  /** These settings with another lifetime of predictions. */
  public RouterSettings withPredictionTtl(Duration newPredictionTtl) {
    return new RouterSettings(
        policy,
        cost,
        temperature,
        holesPossible,
        indexCapacity,
        newPredictionTtl,
        predictionCapacity,
        receiptCandidates);
  }
}
