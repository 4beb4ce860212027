package io.baton.gateway.relay;

import io.baton.gateway.api.ApiException;
import io.baton.telemetry.slices.TraceClock;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The clocks of one request: until its first token, between tokens, and in all; and when its status
 * goes out. A token costs no timer, only a note of the time. On the request's context only.
 */
final class RequestTimers {
  /** Which limit was reached. */
  enum Limit {
    FIRST_TOKEN,
    INTER_TOKEN,
    TOTAL
  }

  /** What the request does when its time has come. */
  interface Owner {
    /** Too late; called once. */
    void timedOut(Limit limit, ApiException error);

    /** The status should go out now, token or not. */
    void commit();

    /** Whether the client is behind, so that silence is its own. */
    boolean clientBehind();
  }

  private static final long NONE = -1;

  private final Vertx vertx;
  private final long acceptedNanos;
  private final Owner owner;
  private TimeLimits limits;
  private long totalTimer = NONE;
  private long tokenTimer = NONE;
  private long commitTimer = NONE;
  private long lastTokenNanos;
  private boolean commitDue;

  /**
   * Not running yet.
   *
   * @param limits until {@link #start} says which really hold
   */
  RequestTimers(Vertx vertx, TimeLimits limits, long acceptedNanos, Owner owner) {
    this.vertx = vertx;
    this.limits = limits;
    this.acceptedNanos = acceptedNanos;
    this.owner = owner;
  }

  /** Runs by these limits from the moment in which the request was accepted. */
  void start(TimeLimits by) {
    stop();
    limits = by;
    totalTimer = vertx.setTimer(left(by.total()), t -> fire(Limit.TOTAL));
    if (!by.firstToken().isZero()) {
      tokenTimer = vertx.setTimer(left(by.firstToken()), t -> fire(Limit.FIRST_TOKEN));
    }
    commitTimer =
        vertx.setTimer(
            left(by.commitAfter()),
            t -> {
              commitDue = true;
              owner.commit();
            });
  }

  /** A token has come. */
  void token(long nowNanos) {
    boolean first = lastTokenNanos == 0;
    lastTokenNanos = nowNanos;
    if (first) {
      cancel(tokenTimer);
      cancel(commitTimer);
      tokenTimer = NONE;
      if (!limits.interToken().isZero()) {
        listen(limits.interToken());
      }
    }
  }

  private void listen(Duration wait) {
    tokenTimer = vertx.setTimer(atLeastOne(wait.toMillis()), t -> look());
  }

  private void look() {
    long now = TraceClock.now();
    if (owner.clientBehind()) {
      lastTokenNanos = now;
    }
    Duration rest = limits.interToken().minusNanos(now - lastTokenNanos);
    if (rest.isPositive()) {
      listen(rest);
    } else {
      fire(Limit.INTER_TOKEN);
    }
  }

  private void fire(Limit limit) {
    stop();
    owner.timedOut(limit, error(limit));
  }

  private ApiException error(Limit limit) {
    return switch (limit) {
      case FIRST_TOKEN ->
          ApiException.timedOut(
              "The first token did not come within " + limits.firstToken().toMillis() + " ms.",
              "first_token_timeout");
      case INTER_TOKEN ->
          ApiException.timedOut(
              "No token came for " + limits.interToken().toMillis() + " ms.",
              "inter_token_timeout");
      case TOTAL -> ApiException.deadline(limits.total().toMillis());
    };
  }

  /** Whether the status should be out by now. */
  boolean commitDue() {
    return commitDue;
  }

  /** How long the request may still wait for its turn. */
  Duration waitLeft() {
    return Duration.ofMillis(left(limits.untilFirstToken()));
  }

  /** Until all must be done; at least 1. */
  long remainingMillis() {
    return left(limits.total());
  }

  private long left(Duration limit) {
    long spent = TimeUnit.NANOSECONDS.toMillis(TraceClock.now() - acceptedNanos);
    return atLeastOne(limit.toMillis() - spent);
  }

  private static long atLeastOne(long millis) {
    return Math.max(1, millis);
  }

  /** Nothing happens any more. */
  void stop() {
    cancel(totalTimer);
    cancel(tokenTimer);
    cancel(commitTimer);
    totalTimer = NONE;
    tokenTimer = NONE;
    commitTimer = NONE;
  }

  private void cancel(long timer) {
    if (timer != NONE) {
      vertx.cancelTimer(timer);
    }
  }
}
