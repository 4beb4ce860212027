package io.baton.gateway.routing;

import io.baton.kvrouter.CostTerms;
import io.baton.kvrouter.RouteReceipt;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What became of a leg.
 *
 * @param outcome {@code answered}, or the short name of what went wrong
 * @param firstTokenMillis from the decision to its first token, or to its end for a prefill leg;
 *     negative: none came
 * @param cachedTokens prompt tokens that the engine found in its cache; negative: it did not say
 * @param outputTokens tokens of its answer
 */
public record MeasuredLeg(
    String outcome, double firstTokenMillis, long cachedTokens, int outputTokens) {

  /**
   * By how much the runner-up would have been faster, if its estimate is right: what was measured
   * less what was estimated for it, and at least 0. Empty where nothing was measured or nobody else
   * was estimated.
   */
  public OptionalDouble regretMillis(RouteReceipt receipt) {
    if (firstTokenMillis < 0 || receipt.candidates().size() < 2) {
      return OptionalDouble.empty();
    }
    Optional<CostTerms> runnerUp = receipt.candidates().get(1).cost();
    return runnerUp.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.max(0, firstTokenMillis - untilFirstToken(runnerUp.get())));
  }

  private static double untilFirstToken(CostTerms cost) {
    return cost.queue() + cost.prefill() + cost.transfer();
  }
}
