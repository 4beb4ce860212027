package io.baton.kvrouter;

import java.time.Duration;

/**
 * How the router decides and what it may use.
 *
 * <p>Costs are in prompt tokens (see {@link CostTerms}), so that workers of different block sizes
 * compare.
 *
 * @param policy how a worker is chosen
 * @param overlapCredit share of a held block's tokens that count as already computed, 0 to 1
 * @param overlapCreditDecay how fast that credit fades on a worker with a longer queue than the
 *     least busy one; 0: not at all
 * @param hostCredit like overlapCredit for blocks in host memory
 * @param diskCredit like overlapCredit for blocks on disk
 * @param transferWeight cost of moving one token's KV from a prefill to a decode worker, in prompt
 *     tokens
 * @param cacheLossWeight charge per token of cached prefix given up by not choosing its best holder
 * @param decodeWeight cost of one token of KV that decode steps read, in prompt tokens
 * @param requestWeight cost of one active request, in prompt tokens; above 0, else workers with
 *     short requests starve the others
 * @param temperature 0: the least cost wins; above, the choice is drawn with probability falling
 *     with cost, 1 being a wide spread
 * @param holesPossible whether engines may drop a block and keep its children (sliding windows,
 *     partial state): then every block of a prompt is looked up instead of a few
 * @param indexCapacity most blocks in the prefix index; about 30 bytes each up to 64 worker ranks
 * @param predictionTtl how long a prompt just routed counts as cached while its events are not yet
 *     here; 0: not at all
 * @param predictionCapacity most blocks counted that way
 * @param receiptCandidates most candidates in a receipt
 */
public record RouterSettings(
    RoutingPolicy policy,
    double overlapCredit,
    double overlapCreditDecay,
    double hostCredit,
    double diskCredit,
    double transferWeight,
    double cacheLossWeight,
    double decodeWeight,
    double requestWeight,
    double temperature,
    boolean holesPossible,
    int indexCapacity,
    Duration predictionTtl,
    int predictionCapacity,
    int receiptCandidates) {

  /** Checks every figure. */
  public RouterSettings {
    check(overlapCredit >= 0 && overlapCredit <= 1, "overlapCredit", overlapCredit, "0 to 1");
    check(overlapCreditDecay >= 0, "overlapCreditDecay", overlapCreditDecay, ">= 0");
    check(hostCredit >= 0 && hostCredit <= 1, "hostCredit", hostCredit, "0 to 1");
    check(diskCredit >= 0 && diskCredit <= 1, "diskCredit", diskCredit, "0 to 1");
    check(transferWeight >= 0, "transferWeight", transferWeight, ">= 0");
    check(cacheLossWeight >= 0, "cacheLossWeight", cacheLossWeight, ">= 0");
    check(decodeWeight >= 0, "decodeWeight", decodeWeight, ">= 0");
    check(requestWeight >= 0, "requestWeight", requestWeight, ">= 0");
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

  /**
   * What is right for most fleets.
   *
   * <p>The weights come from a replay of Mooncake's conversation trace on eight simulated workers;
   * README.md has the figures. A cached prefix is worth three times its tokens more than they take
   * to compute, since whoever lacks it must also make room for it; the credit fades slowly, so that
   * a prefix everybody shares cannot hold on to one rank. Moving a token's KV once weighs like
   * reading it along: a sixty-fourth of computing it. A request weighs like 1,024 tokens of KV.
   */
  public static RouterSettings defaults() {
    return new RouterSettings(
        RoutingPolicy.KV,
        1.0,
        0.1,
        0.75,
        0.25,
        1.0 / 64,
        3.0,
        1.0 / 64,
        16,
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
        overlapCredit,
        overlapCreditDecay,
        hostCredit,
        diskCredit,
        transferWeight,
        cacheLossWeight,
        decodeWeight,
        requestWeight,
        temperature,
        holesPossible,
        indexCapacity,
        predictionTtl,
        predictionCapacity,
        receiptCandidates);
  }
}
