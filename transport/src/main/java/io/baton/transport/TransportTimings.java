package io.baton.transport;

import java.time.Duration;

/**
 * Intervals and patience. Whatever is somebody's silence counts only while the broker can be heard
 * ({@link HeardClock}).
 *
 * @param heartbeat between status messages, of workers and gateways
 * @param suspectAfter silence after which a worker gets no new work and is probed; dead, if then
 *     nobody listens in its place
 * @param deadAfter silence after which a worker is dead although somebody listens
 * @param leaseTimeout silence after which a gateway's requests are aborted
 * @param resumeInterval between two questions for missing chunks, at first; it doubles up to a
 *     second
 * @param quietAfter silence of a stream after which it is asked for anyway. Repairs what no other
 *     sign tells of (a dropped last chunk), and renews the worker's right to answer: a broker's
 *     {@code allow_responses} must not expire sooner than this
 * @param grace for others to come back after the broker has
 * @param tailTtl how long an ended answer is kept for a gateway that has not acknowledged it
 * @param lingerTtl how long a worker is told to stop what nobody reads any more
 */
public record TransportTimings(
    Duration heartbeat,
    Duration suspectAfter,
    Duration deadAfter,
    Duration leaseTimeout,
    Duration resumeInterval,
    Duration quietAfter,
    Duration grace,
    Duration tailTtl,
    Duration lingerTtl) {
  public static final TransportTimings DEFAULT =
      new TransportTimings(
          Duration.ofMillis(500),
          Duration.ofMillis(1200),
          Duration.ofSeconds(5),
          Duration.ofSeconds(3),
          Duration.ofMillis(250),
          Duration.ofSeconds(10),
          Duration.ofSeconds(2),
          Duration.ofSeconds(15),
          Duration.ofSeconds(30));
}
