package io.baton.transport;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How to reach the broker.
 *
 * @param servers URLs, tried in turn
 * @param credentials NATS credentials file
 * @param pingInterval how soon a dead connection is noticed
 * @param outgoingQueueMessages messages that may wait for the socket; more are dropped and counted
 */
public record NatsSettings(
    List<String> servers,
    Optional<Path> credentials,
    Duration pingInterval,
    int outgoingQueueMessages) {
  private static final Duration PING = Duration.ofSeconds(2);
  private static final int QUEUE = 65_536;

  public NatsSettings {
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("servers: none (expected: at least one nats:// URL)");
    }
  }

  /** With the defaults for the rest. */
  public static NatsSettings of(List<String> servers, Optional<Path> credentials) {
    return new NatsSettings(servers, credentials, PING, QUEUE);
  }

  /** One server without credentials. */
  public static NatsSettings of(String url) {
    return of(List.of(url), Optional.empty());
  }
}
