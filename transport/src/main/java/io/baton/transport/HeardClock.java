package io.baton.transport;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Time during which others could have been heard: silence is measured on this clock only. It stands
 * still while the broker is away, for a grace after it has come back (others may not be back yet),
 * and while this process's own heartbeats do not come back from the broker, since then nobody's
 * would: the broker hangs, or this process is starved of CPU. Thread-safe.
 */
final class HeardClock {
  private static final Logger LOG = LoggerFactory.getLogger(HeardClock.class);

  /** How often {@link #tick} is to be called. */
  static final Duration TICK = Duration.ofMillis(100);

  /** A tick that comes late says that this process stood still, not that the others did. */
  private static final long LONGEST_STEP_NANOS = 2 * TICK.toNanos();

  /** Deafness that a starved machine does not explain. */
  private static final long DEAF_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier clock;
  private final long echoPatienceNanos;
  private final long graceNanos;
  private boolean connected = true;
  private long heardNanos;
  private long tickedNanos;
  private long echoedNanos;
  private long settledNanos;
  private boolean complained;

  /**
   * A clock that stands at 0 and runs.
   *
   * @param heartbeat how often {@link #echo} can be expected
   * @param grace for others to come back after the broker has
   */
  HeardClock(Duration heartbeat, Duration grace, LongSupplier clock) {
    this.clock = clock;
    this.echoPatienceNanos = 2 * heartbeat.toNanos() + TimeUnit.MILLISECONDS.toNanos(100);
    this.graceNanos = grace.toNanos();
    long now = clock.getAsLong();
    this.tickedNanos = now;
    this.echoedNanos = now;
    this.settledNanos = now;
  }

  /** Lets time pass, if others can be heard. */
  synchronized void tick() {
    long now = clock.getAsLong();
    long step = Math.min(now - tickedNanos, LONGEST_STEP_NANOS);
    tickedNanos = now;
    long deaf = now - echoedNanos;
    if (connected && now >= settledNanos && deaf <= echoPatienceNanos) {
      heardNanos += step;
    }
    if (connected && deaf > DEAF_NANOS && !complained) {
      complained = true;
      LOG.warn(
          "own heartbeats have not come back from the broker for {} s: nobody's silence can be"
              + " judged. Does the broker hang, or deny reading one's own status subject?",
          TimeUnit.NANOSECONDS.toSeconds(deaf));
    }
  }

  /** This process's own heartbeat has come back through the broker. */
  synchronized void echo() {
    echoedNanos = clock.getAsLong();
    complained = false;
  }

  synchronized void connected(boolean now) {
    connected = now;
    if (now) {
      settledNanos = clock.getAsLong() + graceNanos;
      echoedNanos = clock.getAsLong();
    }
  }

  /** Whether the broker is away, or has just come back, so that others may still be missing. */
  synchronized boolean settling() {
    return !connected || clock.getAsLong() < settledNanos;
  }

  /** The time heard so far. */
  synchronized long nanos() {
    return heardNanos;
  }
}
