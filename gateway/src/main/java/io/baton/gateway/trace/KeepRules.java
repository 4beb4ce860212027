package io.baton.gateway.trace;

import java.time.Duration;

/** Whether a deferred trace is kept, once its request has ended. */
final class KeepRules {
  private volatile TraceSettings settings;

  KeepRules(TraceSettings settings) {
    this.settings = settings;
  }

  /** Judges by other rules from now on. */
  void configure(TraceSettings changed) {
    settings = changed;
  }

  boolean keeps(RequestOutcome outcome) {
    TraceSettings now = settings;
    TraceSettings.Keep keep = now.keep();
    TraceSettings.ModelRule rule = now.ruleOf(outcome.model());
    boolean errors = keep.errors() || (rule != null && rule.errors());
    boolean slowFirst =
        outcome.firstTokenNanos() != 0
            && over(keep.slowFirstToken(), outcome.firstTokenNanos() - outcome.startNanos());
    return (errors && outcome.failed())
        || slowFirst
        || over(keep.slowRequest(), outcome.endNanos() - outcome.startNanos())
        || (keep.migrated() && outcome.attempts() > 1)
        || (keep.mispredicted() && outcome.mispredicted());
  }

  private static boolean over(Duration limit, long nanos) {
    return !limit.isZero() && nanos > limit.toNanos();
  }
}
