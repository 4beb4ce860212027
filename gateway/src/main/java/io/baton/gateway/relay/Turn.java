package io.baton.gateway.relay;

import io.baton.gateway.admission.Admission;
import io.baton.gateway.api.ApiException;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.slices.TraceClock;
import io.vertx.core.Context;
import java.util.function.Consumer;

/** One request's turn: waited for, used, given back. On the request's context only. */
final class Turn implements Admission.Waiter {
  private enum State {
    WAITING,
    TAKEN,
    OVER
  }

  private final Admission admission;
  private final Admission.Ask ask;
  private final Context context;
  private final SpanDraft root;
  private final Runnable go;
  private final Consumer<ApiException> refused;
  private final long askedNanos = TraceClock.now();
  private State state = State.WAITING;
  private boolean asking = true;
  private boolean placed;

  /**
   * Not asked for yet.
   *
   * @param go called when it may start
   * @param refused called when it may not
   */
  Turn(
      Admission admission,
      Admission.Ask ask,
      Context context,
      SpanDraft root,
      Runnable go,
      Consumer<ApiException> refused) {
    this.admission = admission;
    this.ask = ask;
    this.context = context;
    this.root = root;
    this.go = go;
    this.refused = refused;
  }

  /** Asks; the answer may come before this returns. */
  void take() {
    admission.enter(ask, this);
    asking = false;
  }

  @Override
  public void admitted() {
    if (asking) {
      state = State.TAKEN;
      go();
    } else {
      context.runOnContext(v -> afterWaiting());
    }
  }

  private void afterWaiting() {
    if (state == State.OVER) {
      // It left in the moment in which its turn came.
      placed();
      admission.ended(ask, 0);
      return;
    }
    state = State.TAKEN;
    root.closedChild(SpanNames.ADMISSION_WAIT, askedNanos, TraceClock.now());
    go();
  }

  /** From here on its legs are what takes room. */
  private void go() {
    try {
      go.run();
    } finally {
      placed();
    }
  }

  private void placed() {
    if (!placed) {
      placed = true;
      admission.placed(ask);
    }
  }

  @Override
  public void refused(ApiException error) {
    if (asking) {
      state = State.OVER;
      refused.accept(error);
    } else {
      context.runOnContext(v -> {
        if (state == State.WAITING) {
          state = State.OVER;
          root.closedChild(SpanNames.ADMISSION_WAIT, askedNanos, TraceClock.now());
          refused.accept(error);
        }
      });
    }
  }

  /**
   * The request is over, started or not.
   *
   * @param usedTokens prompt and answer
   */
  void end(long usedTokens) {
    State before = state;
    state = State.OVER;
    if (before == State.TAKEN) {
      // It may end within its first step.
      placed();
      admission.ended(ask, usedTokens);
    } else if (before == State.WAITING) {
      admission.leave(ask, this);
    }
  }
}
