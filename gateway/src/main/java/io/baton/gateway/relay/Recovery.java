package io.baton.gateway.relay;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What can be done for a request whose attempt has failed. */
enum Recovery {
  /** Nothing: the client hears it. */
  NONE,
  /** Nothing of the answer exists yet: another worker begins anew. */
  RETRY,
  /** Another worker goes on after the tokens that are there. */
  MIGRATE;

  /** Between looks for a worker. */
  static final long PAUSE_MILLIS = 100;

  /** A worker that restarts, or one whose death is not yet known, takes about this long. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** Chooses, within the budget of attempts. */
  static Recovery from(
      AttemptFailure failure, RequestPlan plan, AnswerFeed feed, Relay relay, int attempts) {
    if (attempts >= relay.settings().maxAttempts()) {
      return NONE;
    }
    if (feed.received() == 0) {
      return failure.retryable() ? RETRY : NONE;
    }
    boolean possible =
        relay.settings().migration() && plan.continuable() && feed.soFar().isPresent();
    if (possible && failure.migratable()) {
      return MIGRATE;
    }
    return failure.retryable() && !feed.delivery().committed() ? RETRY : NONE;
  }

  /** Whether to look for a worker again after so long. */
  boolean waits(long nanos) {
    return this == MIGRATE && nanos < PATIENCE_NANOS;
  }

  /** As an event in the trace. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
