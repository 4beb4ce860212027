package io.baton.gateway.relay;

import io.baton.gateway.api.ApiException;
import io.baton.proto.v1.FinishReason;
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

    /** Another worker would be tried, but the budget of retries is used up. */
    void onRetryRefused();

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
    Finished whole = attempts.size() > 1 ? plan.wholeAnswer(finished, feed) : finished;
    feed.finish(whole);
    owner.onAnswered(this, whole);
  }

  @Override
  public void onAttemptFailed(AttemptFailure failure) {
    if (answered || owner.over()) {
      owner.onLegsEnded();
      return;
    }
    var recovery = affordable(Recovery.from(failure, plan, feed, relay, attempts.size()), failure);
    if (recovery == Recovery.NONE) {
      owner.onFailed(this, failure.error());
      return;
    }
    owner.onRetry(failure.cause());
    root.event(
        recovery.label(),
        TraceClock.now(),
        Attributes.of("cause", failure.cause()).with("attempt", attempts.size()));
    plan.exclude(failure.worker());
    if (recovery == Recovery.RETRY) {
      feed = feeds.get();
    } else if (!plan.continueAfter(feed.soFar().orElseThrow())) {
      // All tokens were there, only the last word is missing.
      onAnswered(Finished.newBuilder().setReason(FinishReason.FINISH_LENGTH).build());
      return;
    }
    again(recovery, failure, TraceClock.now());
  }

  /** A fleet that is ill is not made better by trying everything again. */
  private Recovery affordable(Recovery possible, AttemptFailure failure) {
    if (possible == Recovery.RETRY && !failure.free() && !relay.retries().take()) {
      owner.onRetryRefused();
      return Recovery.NONE;
    }
    return possible;
  }

  /** Another attempt; an answer that has begun waits a little for somebody to go on with it. */
  private void again(Recovery recovery, AttemptFailure failure, long sinceNanos) {
    if (answered || owner.over()) {
      return;
    }
    try {
      start();
    } catch (ApiException e) {
      if (recovery.waits(TraceClock.now() - sinceNanos)) {
        relay.vertx().setTimer(Recovery.PAUSE_MILLIS, t -> again(recovery, failure, sinceNanos));
      } else {
        // Nobody else is left: what went wrong first is what the client should hear, not that.
        owner.onFailed(this, failure.error());
      }
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

  /** Most tokens that it may need, prompt and answer. */
  long tokens() {
    return plan.expectedTokens();
  }

  /** Tokens of the prompt; 0 if nobody has counted them. */
  int promptTokens() {
    return plan.promptTokens();
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
