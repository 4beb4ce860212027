package io.baton.gateway.trace;

import io.baton.config.Secret;
import io.baton.telemetry.TraceDecision;
import io.baton.telemetry.TraceDecision.Sampling;
import io.baton.telemetry.TraceLevels;
import io.baton.telemetry.TraceParent;
import io.baton.telemetry.Tracing;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * By which a request's trace is decided. A sampled caller is followed, an unsampled one too: no
 * rule records what its caller does not want. Thread-safe.
 */
public final class TraceRules {
  /** Header by which an authorised caller asks for a level. */
  public static final String LEVEL_HEADER = "x-baton-trace-level";

  /** Header that authorises it. */
  public static final String KEY_HEADER = "x-baton-trace-key";

  private static final int RANDOM_DIGITS = 14;
  private static final double RANDOM_RANGE = 0x1p56;
  private static final int NOT_ASKED = -1;

  private final TraceLevels levels;
  private final Tracing tracing;
  private volatile TraceSettings settings;

  TraceRules(TraceSettings settings, TraceLevels levels, Tracing tracing) {
    this.settings = settings;
    this.levels = levels;
    this.tracing = tracing;
  }

  /** Decides by other rules from now on. */
  void configure(TraceSettings changed) {
    settings = changed;
  }

  /** Whether a model has rules of its own, so that a decision must be taken anew. */
  public boolean special(String model) {
    return settings.ruleOf(model) != null;
  }

  /**
   * The level that a caller asks for and may ask for.
   *
   * @return -1 if it asks for none, for one that does not exist, or without the right to
   */
  public int asked(@Nullable String level, @Nullable String key) {
    Optional<String> secret = settings.callerKeyFile().map(Secret::reveal);
    if (level == null || key == null || secret.isEmpty() || !level.matches("[0-3]")) {
      return NOT_ASKED;
    }
    boolean allowed =
        MessageDigest.isEqual(
            key.getBytes(StandardCharsets.UTF_8), secret.get().getBytes(StandardCharsets.UTF_8));
    return allowed ? Integer.parseInt(level) : NOT_ASKED;
  }

  /**
   * Decides.
   *
   * @param asked what {@link #asked} said
   * @param model empty if it is not known yet
   */
  public TraceDecision decide(
      String traceId, Optional<TraceParent> caller, int asked, String model) {
    TraceSettings now = settings;
    TraceSettings.ModelRule rule = now.ruleOf(model);
    int level = asked >= 0 ? asked : levelOf(rule);
    if (level == 0) {
      return TraceDecision.NOTHING;
    }
    if (caller.isPresent()) {
      return new TraceDecision(level, caller.get().sampled() ? Sampling.SAMPLED : Sampling.OFF);
    }
    if (asked > 0 || inShare(traceId, rule, now.ratio())) {
      return new TraceDecision(level, Sampling.SAMPLED);
    }
    boolean mayKeep = now.keep().any() || (rule != null && rule.errors());
    return new TraceDecision(level, mayKeep ? Sampling.DEFERRED : Sampling.OFF);
  }

  private int levelOf(TraceSettings.@Nullable ModelRule rule) {
    // An operator's change beats what was configured for a model, as far as it goes down to
    // nothing.
    int fleet = levels.level();
    return rule == null || rule.level() < 0 || fleet == 0 ? fleet : rule.level();
  }

  /** Decided by the trace id's random part, so that all gateways with the same share agree. */
  private boolean inShare(
      String traceId, TraceSettings.@Nullable ModelRule rule, double shareOfAll) {
    double ratio = rule != null && rule.ratio() >= 0 ? rule.ratio() : shareOfAll;
    if (ratio < 0) {
      return tracing.samples(traceId, Optional.empty());
    }
    long random =
        Long.parseUnsignedLong(traceId, traceId.length() - RANDOM_DIGITS, traceId.length(), 16);
    return random >= (1 - ratio) * RANDOM_RANGE;
  }
}
