package io.baton.gateway.routing;

import io.baton.gateway.api.ApiException;
import io.baton.gateway.auth.Caller;

/** What all requests share of routing: who may steer it, and where receipts go. Thread-safe. */
public final class RouteDesk implements AutoCloseable {
  /**
   * Changes while requests run.
   *
   * @param steering who may steer routing and see receipts
   * @param conditional whether a decode worker may compute a prompt itself where that is estimated
   *     to be faster
   */
  public record Rules(SteeringRight steering, boolean conditional) {}

  private final ReceiptLog receipts;
  private volatile Rules rules;

  public RouteDesk(Rules rules, ReceiptLog receipts) {
    this.rules = rules;
    this.receipts = receipts;
  }

  /** Other rules, for requests that come from now on. */
  public void configure(Rules changed) {
    rules = changed;
  }

  /**
   * What a caller's headers ask of routing.
   *
   * @throws ApiException 400 if one is wrong, 403 if the caller may not
   */
  public RouteWishes wishes(
      java.util.function.Function<String, @org.jspecify.annotations.Nullable String> header,
      Caller caller)
      throws ApiException {
    RouteWishes wishes = RouteWishes.parse(header);
    rules.steering().check(wishes, caller);
    return wishes;
  }

  public Rules rules() {
    return rules;
  }

  public ReceiptLog receipts() {
    return receipts;
  }

  @Override
  public void close() {
    receipts.close();
  }
}
