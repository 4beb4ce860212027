package io.baton.gateway.admission;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What one tenant may use of this gateway: requests at once, and requests and tokens per minute as
 * buckets that hold one minute's worth and refill evenly. Each replica counts for itself. Not
 * thread-safe.
 */
final class Quota {
  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

  /**
   * Why a request may not start now.
   *
   * @param limit which one, for message and metric
   * @param value of that limit
   * @param retryAfter when it may; zero if nobody knows
   */
  record Refusal(String limit, long value, Duration retryAfter) {}

  private final UsageLimits limits;
  private final Bucket requests;
  private final Bucket tokens;
  private int running;

  Quota(UsageLimits limits, long nowNanos) {
    this.limits = limits;
    this.requests = new Bucket(limits.requestsPerMinute(), nowNanos);
    this.tokens = new Bucket(limits.tokensPerMinute(), nowNanos);
  }

  /**
   * Starts a request, or says why not; then nothing is counted.
   *
   * @param needed tokens that it may need; what it did not need comes back at its end
   */
  Optional<Refusal> start(long needed, long nowNanos) {
    if (limits.concurrent() > 0 && running >= limits.concurrent()) {
      return Optional.of(new Refusal("concurrent_requests", limits.concurrent(), Duration.ZERO));
    }
    if (limits.requestsPerMinute() > 0 && !requests.has(1, nowNanos)) {
      return Optional.of(
          new Refusal(
              "requests_per_minute", limits.requestsPerMinute(), requests.until(1, nowNanos)));
    }
    if (limits.tokensPerMinute() > 0) {
      // One that is larger than a minute's worth may go when the bucket is full, or it never could.
      long wanted = Math.min(needed, limits.tokensPerMinute());
      if (!tokens.has(wanted, nowNanos)) {
        return Optional.of(
            new Refusal(
                "tokens_per_minute", limits.tokensPerMinute(), tokens.until(wanted, nowNanos)));
      }
    }
    running++;
    requests.take(1);
    tokens.take(needed);
    return Optional.empty();
  }

  /** A started request has ended. */
  void end(long needed, long used) {
    running--;
    tokens.take(used - needed);
  }

  UsageLimits limits() {
    return limits;
  }

  int running() {
    return running;
  }

  /** Whether forgetting it would change nothing. */
  boolean idle(long nowNanos) {
    return running == 0 && requests.full(nowNanos) && tokens.full(nowNanos);
  }

  private static final class Bucket {
    private final long perMinute;
    private double level;
    private long filledNanos;

    Bucket(long perMinute, long nowNanos) {
      this.perMinute = perMinute;
      this.level = (double) perMinute;
      this.filledNanos = nowNanos;
    }

    boolean has(long amount, long nowNanos) {
      level =
          Math.min(
              (double) perMinute,
              level + perMinute * (double) (nowNanos - filledNanos) / MINUTE_NANOS);
      filledNanos = nowNanos;
      return level >= (double) amount;
    }

    /** May go below nothing: a debt that is refilled first. */
    void take(long amount) {
      level -= perMinute == 0 ? 0 : (double) amount;
    }

    Duration until(long amount, long nowNanos) {
      return has(amount, nowNanos)
          ? Duration.ZERO
          : Duration.ofNanos(
              (long) (((double) amount - level) / (double) perMinute * MINUTE_NANOS));
    }

    boolean full(long nowNanos) {
      return has(perMinute, nowNanos);
    }
  }
}
