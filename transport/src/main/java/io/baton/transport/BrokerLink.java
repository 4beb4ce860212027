package io.baton.transport;

import io.nats.client.AuthenticationException;
import java.io.IOException;

/**
 * The two connections of a process: one for requests, replies and control, one for KV events and
 * snapshots, since a snapshot beside tokens would double their latency. Both reconnect for ever.
 * Thread-safe.
 */
public final class BrokerLink implements AutoCloseable {
  private final TransportCounters counters;
  private final Channel messages;
  private final Channel events;

  private BrokerLink(TransportCounters counters, Channel messages, Channel events) {
    this.counters = counters;
    this.messages = messages;
    this.events = events;
  }

  /**
   * Connects, or fails within seconds.
   *
   * @param name of the client, for the broker's own monitoring
   * @throws BrokerUnavailableException naming the servers, the reason, and what to do
   */
  public static BrokerLink connect(NatsSettings settings, String name)
      throws BrokerUnavailableException {
    var counters = new TransportCounters();
    Channel messages = open(settings, name, counters);
    try {
      return new BrokerLink(counters, messages, open(settings, name + "-events", counters));
    } catch (BrokerUnavailableException e) {
      messages.close();
      throw e;
    }
  }

  private static Channel open(NatsSettings settings, String name, TransportCounters counters)
      throws BrokerUnavailableException {
    try {
      return new Channel(settings, name, counters);
    } catch (AuthenticationException e) {
      throw new BrokerUnavailableException(
          "nats.servers: "
              + settings.servers()
              + " refuse this user ("
              + e.getMessage()
              + "). Check user and password in the URL, or the credentials file.",
          e);
    } catch (IOException e) {
      throw new BrokerUnavailableException(
          "nats.servers: no broker answers at "
              + settings.servers()
              + " ("
              + e.getMessage()
              + "). Start one with `nats-server`, or name one that runs.",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException("interrupted while connecting to the broker", e);
    }
  }

  /** Whether the broker is there. */
  public boolean connected() {
    return messages.connected();
  }

  /** Largest message that the broker takes, in bytes. */
  public long maxPayload() {
    return messages.maxPayload();
  }

  /** The connection for requests, replies and control. */
  Channel messages() {
    return messages;
  }

  /** The connection for KV events and snapshots. */
  Channel events() {
    return events;
  }

  /** What this process's ends have counted. */
  TransportCounters counters() {
    return counters;
  }

  /** Sends what is queued, and disconnects. */
  @Override
  public void close() {
    messages.close();
    events.close();
  }
}
