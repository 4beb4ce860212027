package io.baton.gateway.relay;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How long a worker has said nothing in the middle of an answer. On the request's context only. */
final class Silence {
  /** What to think of it. */
  enum Verdict {
    FINE,
    /** Longer than a worker should be silent: others are better. */
    ODD,
    /** So long that somebody else should go on. */
    TOO_LONG
  }

  private static final long LOOK_MILLIS = 500;
  private static final long ODD_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);
  private static final long NONE = -1;

  private final Vertx vertx;
  private final long tooLongNanos;
  private long timer = NONE;

  /** 0 until the answer has begun: a queue may be long. */
  private long sinceNanos;

  private boolean told;

  /**
   * Nobody is listened to yet.
   *
   * @param tooLong 0: nothing is too long
   */
  Silence(Vertx vertx, Duration tooLong) {
    this.vertx = vertx;
    this.tooLongNanos = tooLong.isZero() ? Long.MAX_VALUE : tooLong.toNanos();
  }

  void watch(Runnable look) {
    timer = vertx.setPeriodic(LOOK_MILLIS, t -> look.run());
  }

  /** The worker said something. */
  void broken(long nowNanos) {
    sinceNanos = nowNanos;
    told = false;
  }

  /** Odd once for each silence. */
  Verdict judge(long nowNanos) {
    long silent = sinceNanos == 0 ? 0 : nowNanos - sinceNanos;
    if (silent > tooLongNanos) {
      return Verdict.TOO_LONG;
    }
    if (silent > ODD_NANOS && !told) {
      told = true;
      return Verdict.ODD;
    }
    return Verdict.FINE;
  }

  void stop() {
    if (timer != NONE) {
      vertx.cancelTimer(timer);
      timer = NONE;
    }
  }
}
