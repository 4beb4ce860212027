package io.baton.gateway.auth;

import io.baton.gateway.admission.UsageLimits;
import org.jspecify.annotations.Nullable;

/**
 * Who asks.
 *
 * @param name the key's name: a tenant, for limits, logs and metrics
 * @param admin whether the key opens the operator's routes
 * @param limits what it may use
 * @param maxPriority the highest priority that its requests may have
 */
public record Caller(String name, boolean admin, UsageLimits limits, int maxPriority) {
  /** Priorities go from minus this to this. */
  public static final int PRIORITIES = 9;

  /** Everybody, where no keys are set. */
  public static final Caller ANYBODY = new Caller("", true, UsageLimits.NONE, PRIORITIES);

  /**
   * The priority that a request asks for by its header, as far as the key allows.
   *
   * @param asked a whole number; absent or anything else: 0
   */
  public int priority(@Nullable String asked) {
    if (asked == null || !asked.matches("-?[0-9]{1,3}")) {
      return 0;
    }
    return Math.clamp(Integer.parseInt(asked), -PRIORITIES, maxPriority);
  }
}
