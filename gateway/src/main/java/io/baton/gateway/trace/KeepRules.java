package io.baton.gateway.trace;

import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Whether a deferred trace is kept, once its request has ended. */
final class KeepRules {
  private final TraceSettings.Keep keep;
  private final Map<String, TraceSettings.ModelRule> models;

  KeepRules(TraceSettings settings) {
    this.keep = settings.keep();
    this.models =
        settings.models().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    TraceSettings.ModelRule::model, Function.identity(), (a, b) -> b));
  }

  boolean keeps(RequestOutcome outcome) {
    TraceSettings.ModelRule rule = models.get(outcome.model());
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
