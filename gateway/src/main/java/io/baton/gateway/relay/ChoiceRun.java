package io.baton.gateway.relay;

import io.baton.gateway.api.ApiException;
import io.baton.proto.v1.Finished;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.slices.Attributes;
import io.baton.telemetry.slices.TraceClock;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The making of one choice of an answer: its plan, and attempts at it until one answers or none is
 * left to try. On the request's context only.
 */
final class ChoiceRun implements Attempt.Owner {
  /** What the request hears of its choices. */
  interface Owner {
    /** Whether the request has ended, so that nothing more is to be tried. */
    boolean over();

    /** Something for the client has come. */
    void onProgress(ChoiceRun run);

    /** The engine's part of the choice is done. */
    void onAnswered(ChoiceRun run, Finished finished);

    /** There will be no answer; legs may still be ending. */
    void onFailed(ChoiceRun run, ApiException error);

    /** Another worker is tried. */
    void onRetry(String cause);

    /** No leg of this choice is left. */
    void onLegsEnded();
  }

  private final Relay relay;
  private final Context context;
  private final RequestPlan plan;
  private final Supplier<AnswerFeed> feeds;
  private final SpanDraft root;
  private final LongSupplier remainingMillis;
  private final Owner owner;
  private final List<Attempt> attempts = new ArrayList<>(1);
  private AnswerFeed feed;
  private boolean answered;

  /**
   * A choice that is not started.
   *
   * @param feeds makes the way to the client anew for each attempt
   */
  ChoiceRun(
      Relay relay,
      Context context,
      RequestPlan plan,
      Supplier<AnswerFeed> feeds,
      SpanDraft root,
      LongSupplier remainingMillis,
      Owner owner) {
    this.relay = relay;
    this.context = context;
    this.plan = plan;
    this.feeds = feeds;
    this.root = root;
    this.remainingMillis = remainingMillis;
    this.owner = owner;
    this.feed = feeds.get();
  }

  /**
   * Routes and sends, with new workers each time.
   *
   * @throws ApiException if no worker can take it
   */
  void start() throws ApiException {
    int number = attempts.size() + 1;
    attempts.add(
        Attempt.open(relay, context, plan, number, root, remainingMillis.getAsLong(), this));
  }

  @Override
  public AnswerFeed feed() {
    return feed;
  }

  @Override
  public void onProgress() {
    owner.onProgress(this);
  }

  @Override
  public void onAnswered(Finished finished) {
    if (answered || owner.over()) {
      owner.onLegsEnded();
      return;
    }
    answered = true;
    feed.finish(finished);
    owner.onAnswered(this, finished);
  }

  @Override
  public void onAttemptFailed(AttemptFailure failure) {
    if (answered || owner.over()) {
      owner.onLegsEnded();
      return;
    }
    boolean nothingOut = feed.received() == 0 || !feed.delivery().committed();
    boolean again =
        failure.retryable() && nothingOut && attempts.size() < relay.settings().maxAttempts();
    if (!again) {
      owner.onFailed(this, failure.error());
      return;
    }
    owner.onRetry(failure.cause());
    root.event(
        "retry",
        TraceClock.now(),
        Attributes.of("cause", failure.cause()).with("attempt", attempts.size()));
    try {
      plan.exclude(failure.worker());
      feed = feeds.get();
      start();
    } catch (ApiException e) {
      // Nobody else is left: what went wrong first is what the client should hear, not that.
      owner.onFailed(this, failure.error());
    }
  }

  @Override
  public void onLegsEnded() {
    owner.onLegsEnded();
  }

  /** Tells the workers to stop. */
  void cancel(String reason) {
    attempts.forEach(attempt -> attempt.cancel(reason));
  }

  /** Whether no leg is left. */
  boolean ended() {
    return attempts.stream().allMatch(Attempt::ended);
  }

  /** All attempts so far. */
  List<Attempt> tried() {
    return List.copyOf(attempts);
  }

  boolean answered() {
    return answered;
  }

  int attempts() {
    return attempts.size();
  }
}
