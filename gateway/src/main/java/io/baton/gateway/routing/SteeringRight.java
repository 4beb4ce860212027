package io.baton.gateway.routing;

import io.baton.gateway.api.ApiException;
import io.baton.gateway.auth.Caller;

/** Who may steer routing by headers and see receipts: they tell of workers, caches and load. */
public enum SteeringRight {
  NOBODY,
  /** Keys with {@code admin: true}; everybody where the gateway has no keys. */
  OPERATORS,
  EVERYBODY;

  /**
   * Lets a request pass that does not steer, or may.
   *
   * @throws ApiException 403 otherwise
   */
  public void check(RouteWishes wishes, Caller caller) throws ApiException {
    if (wishes.steers()) {
      check(caller, "Headers that steer routing");
    }
  }

  /**
   * Lets a caller pass that may.
   *
   * @param what it wants, for the error
   * @throws ApiException 403 otherwise
   */
  public void check(Caller caller, String what) throws ApiException {
    boolean may = this == EVERYBODY || (this == OPERATORS && caller.admin());
    if (!may) {
      throw ApiException.forbidden(
          what
              + " are not for this key (router.steering: "
              + name().toLowerCase(java.util.Locale.ROOT)
              + ").");
    }
  }
}
