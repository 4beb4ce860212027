package io.baton.gateway.admission;

/**
 * What a tenant may use of one gateway; each replica counts for itself. 0: no limit.
 *
 * @param concurrent requests at once
 * @param requestsPerMinute requests that may start
 * @param tokensPerMinute prompt and answer together
 */
public record UsageLimits(int concurrent, int requestsPerMinute, long tokensPerMinute) {
  public static final UsageLimits NONE = new UsageLimits(0, 0, 0);
}
