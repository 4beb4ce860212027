package io.baton.engine.check;

import java.util.Locale;

/**
 * How far a case is from its reference.
 *
 * @param logitError largest absolute difference
 * @param logprobError largest absolute difference; 0 if the reference has none
 */
public record CaseResult(
    String name, boolean greedyAgrees, double logitError, double logprobError) {

  /** Whether ids agree and logits are as near as float32 should be. */
  public boolean agrees() {
    // Written so that NaN does not agree.
    return greedyAgrees
        && logitError < EngineCheck.TOLERANCE
        && logprobError < EngineCheck.TOLERANCE;
  }

  CaseResult worse(CaseResult other) {
    return new CaseResult(
        name,
        greedyAgrees && other.greedyAgrees,
        Math.max(logitError, other.logitError),
        Math.max(logprobError, other.logprobError));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-34s logits %.2e  log-probabilities %.2e  greedy ids %s",
        name,
        logitError,
        logprobError,
        greedyAgrees ? "agree" : "DIFFER");
  }
}
