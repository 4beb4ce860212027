package io.baton.telemetry;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is recorded of one request. Taken once, at the gateway; carried with the request in Baton's
 * own header beside {@code traceparent}, and obeyed by every process, so that no trace is half
 * detailed.
 *
 * @param level 0 nothing, 1 important slices, 2 all but nested ones, 3 all
 * @param sampling what becomes of the spans
 */
public record TraceDecision(int level, Sampling sampling) {
  /** The finest level. */
  public static final int MAX_LEVEL = 3;

  private static final String DEFERRED = ";deferred";

  /** What becomes of a request's spans. */
  public enum Sampling {
    /** None are made; the caller's context is passed on as it came. */
    OFF,
    /** Held back by every process until the gateway says whether to keep them. */
    DEFERRED,
    /** Exported. */
    SAMPLED
  }

  /** Nothing is recorded. */
  public static final TraceDecision NOTHING = new TraceDecision(0, Sampling.OFF);

  public TraceDecision {
    if (level < 0 || level > MAX_LEVEL) {
      throw new IllegalArgumentException("level: " + level + " (expected: 0 to 3)");
    }
    if (level == 0) {
      sampling = Sampling.OFF;
    }
  }

  /** Whether spans are made. */
  public boolean records() {
    return sampling != Sampling.OFF;
  }

  /** Whether the verdict comes only at the request's end. */
  public boolean deferred() {
    return sampling == Sampling.DEFERRED;
  }

  /** The value of Baton's header. */
  public String header() {
    return deferred() ? level + DEFERRED : Integer.toString(level);
  }

  /**
   * Reads what a gateway decided.
   *
   * @param header its value; absent or unreadable ones count as level 1, the least that is useful
   * @param caller the context that came with it; without one nothing was asked to be recorded
   */
  public static TraceDecision parse(@Nullable String header, Optional<TraceParent> caller) {
    int level = 1;
    boolean deferred = false;
    if (header != null && !header.isEmpty()) {
      char digit = header.charAt(0);
      boolean known = digit >= '0' && digit <= '0' + MAX_LEVEL;
      deferred = known && header.length() > 1 && header.substring(1).equals(DEFERRED);
      level = known && (header.length() == 1 || deferred) ? digit - '0' : 1;
    }
    boolean sampled = caller.isPresent() && caller.get().sampled();
    if (level == 0) {
      return NOTHING;
    }
    Sampling unsampled = deferred && caller.isPresent() ? Sampling.DEFERRED : Sampling.OFF;
    return new TraceDecision(level, sampled ? Sampling.SAMPLED : unsampled);
  }
}
