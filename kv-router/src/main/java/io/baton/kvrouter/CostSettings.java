package io.baton.kvrouter;

/**
 * What the cost estimate starts from, and what it is weighed with. Speeds are beliefs: with
 * learning on, {@link LearntCosts} replaces them by what finished requests show.
 *
 * @param prefillTokensPerSecond prompt tokens that a worker rank computes in a second
 * @param transferTokensPerSecond tokens whose KV moves from a prefill to a decode worker in a
 *     second
 * @param decodeMillisPerRequest how much longer each decode step takes for one more request in it
 * @param decodeMillisPerKvToken how much longer each decode step takes for one more token of KV
 * @param outputTokens length of an answer nobody knows yet
 * @param hostCredit share of a block in host memory that counts as computed, 0 to 1
 * @param diskCredit the same on disk, 0 to 1
 * @param cacheLossWeight charge for giving up the best cached match, in prefill times of what is
 *     given up: whoever lacks a block must also make room for it
 * @param handoffMillis what handing a prompt over to a decode worker takes beside moving its KV
 * @param interferenceWeight what it costs a request that decodes that its worker computes a prompt
 *     meanwhile, as a share of that time
 * @param sessionCreditMillis what staying on the worker of the same session's last request is worth
 * @param learning whether speeds are learnt from finished requests
 */
public record CostSettings(
    double prefillTokensPerSecond,
    double transferTokensPerSecond,
    double decodeMillisPerRequest,
    double decodeMillisPerKvToken,
    double outputTokens,
    double hostCredit,
    double diskCredit,
    double cacheLossWeight,
    double handoffMillis,
    double interferenceWeight,
    double sessionCreditMillis,
    boolean learning) {

  /** Checks every figure. */
  public CostSettings {
    check(prefillTokensPerSecond > 0, "prefillTokensPerSecond", prefillTokensPerSecond, "> 0");
    check(transferTokensPerSecond > 0, "transferTokensPerSecond", transferTokensPerSecond, "> 0");
    check(decodeMillisPerRequest > 0, "decodeMillisPerRequest", decodeMillisPerRequest, "> 0");
    check(decodeMillisPerKvToken >= 0, "decodeMillisPerKvToken", decodeMillisPerKvToken, ">= 0");
    check(outputTokens > 0, "outputTokens", outputTokens, "> 0");
    check(hostCredit >= 0 && hostCredit <= 1, "hostCredit", hostCredit, "0 to 1");
    check(diskCredit >= 0 && diskCredit <= 1, "diskCredit", diskCredit, "0 to 1");
    check(cacheLossWeight >= 0, "cacheLossWeight", cacheLossWeight, ">= 0");
    check(handoffMillis >= 0, "handoffMillis", handoffMillis, ">= 0");
    check(interferenceWeight >= 0, "interferenceWeight", interferenceWeight, ">= 0");
    check(sessionCreditMillis >= 0, "sessionCreditMillis", sessionCreditMillis, ">= 0");
  }

  /**
   * What is right for most fleets until their own requests have told better: an 8B model on one
   * H100, whose decode step reads 128 KiB of KV a token at 3.3 TB/s, behind a 400G network.
   */
  public static CostSettings defaults() {
    return new CostSettings(16_000, 350_000, 0.02, 4e-5, 256, 0.75, 0.25, 1.3, 5, 0.25, 20, true);
  }

  /** These settings with another charge for giving up the best match. */
  public CostSettings withCacheLossWeight(double weight) {
    return new CostSettings(
        prefillTokensPerSecond,
        transferTokensPerSecond,
        decodeMillisPerRequest,
        decodeMillisPerKvToken,
        outputTokens,
        hostCredit,
        diskCredit,
        weight,
        handoffMillis,
        interferenceWeight,
        sessionCreditMillis,
        learning);
  }

  /** These settings with another belief about prefill, and learning on or off. */
  public CostSettings withPrefill(double tokensPerSecond, boolean learn) {
    return new CostSettings(
        tokensPerSecond,
        transferTokensPerSecond,
        decodeMillisPerRequest,
        decodeMillisPerKvToken,
        outputTokens,
        hostCredit,
        diskCredit,
        cacheLossWeight,
        handoffMillis,
        interferenceWeight,
        sessionCreditMillis,
        learn);
  }

  private static void check(boolean good, String name, Object value, String expected) {
    if (!good) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
