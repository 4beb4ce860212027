package io.baton.gateway.auth;

/**
 * Who asks.
 *
 * @param name the key's name: a tenant, for limits, logs and metrics
 * @param admin whether the key opens the operator's routes
 */
public record Caller(String name, boolean admin) {
  /** Everybody, where no keys are set. */
  public static final Caller ANYBODY = new Caller("", true);
}
