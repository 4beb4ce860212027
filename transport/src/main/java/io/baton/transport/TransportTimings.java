package io.baton.transport;

import java.time.Duration;

/**
 * Intervals and patience, all judged only while the broker is there.
 *
 * @param heartbeat between status messages, of workers and gateways
 * @param suspectAfter silence after which a worker gets no new work and is probed
 * @param deadAfter silence after which a worker is dead
 * @param leaseTimeout silence after which a gateway's requests are aborted
 * @param resumeInterval between two questions for missing chunks
 * @param grace added to every patience after the broker has come back
 * @param tailTtl how long an ended answer is kept for a gateway that has not acknowledged it
 */
public record TransportTimings(
    Duration heartbeat,
    Duration suspectAfter,
    Duration deadAfter,
    Duration leaseTimeout,
    Duration resumeInterval,
    Duration grace,
    Duration tailTtl) {
  public static final TransportTimings DEFAULT =
      new TransportTimings(
          Duration.ofMillis(500),
          Duration.ofMillis(1200),
          Duration.ofSeconds(5),
          Duration.ofSeconds(3),
          Duration.ofMillis(250),
          Duration.ofSeconds(3),
          Duration.ofSeconds(15));
}
