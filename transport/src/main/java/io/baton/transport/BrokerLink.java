package io.baton.transport;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two connections of a process: one for requests, replies and control, one for KV events and
 * snapshots, since a snapshot beside tokens would double their latency. Reconnects for ever.
 * Publishing never blocks: while the broker is away it says so, and a full queue drops and counts.
 */
public final class BrokerLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerLink.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration RECONNECT_WAIT = Duration.ofMillis(100);

  /** Calls back when the connection for requests comes or goes. */
  interface StateListener {
    void onState(boolean connected);
  }

  /** Hears of a message that was dropped since the outgoing queue was full. */
  interface DiscardListener {
    void onDiscarded(String subject, @Nullable String replyTo);
  }

  private final List<StateListener> stateListeners = new CopyOnWriteArrayList<>();
  private final List<DiscardListener> discardListeners = new CopyOnWriteArrayList<>();
  private final TransportCounters counters = new TransportCounters();
  private volatile @Nullable Connection messages;
  private volatile @Nullable Connection events;
  private volatile boolean connected;

  private BrokerLink() {}

  /**
   * Connects, or fails soon.
   *
   * @param name of the client, for the broker's own monitoring
   */
  public static BrokerLink connect(NatsSettings settings, String name)
      throws BrokerUnavailableException {
    var link = new BrokerLink();
    try {
      link.events = Nats.connect(link.options(settings, name + "-events", false));
      link.messages = Nats.connect(link.options(settings, name, true));
      link.connected = true;
      return link;
    } catch (IOException | InterruptedException e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      link.close();
      throw new BrokerUnavailableException(
          "nats.servers: no broker answers at "
              + settings.servers()
              + " ("
              + e.getMessage()
              + "). Start one with `nats-server`, or name one that runs.",
          e);
    }
  }

  private Options options(NatsSettings settings, String name, boolean main) throws IOException {
    var options =
        new Options.Builder()
            .servers(settings.servers().toArray(String[]::new))
            .connectionName(name)
            .connectionTimeout(CONNECT_TIMEOUT)
            .pingInterval(settings.pingInterval())
            .maxReconnects(-1)
            .reconnectWait(RECONNECT_WAIT)
            .reconnectJitter(RECONNECT_WAIT)
            // Nothing waits for a broker that is away: who sends must know at once.
            .reconnectBufferSize(0)
            .maxMessagesInOutgoingQueue(settings.outgoingQueueMessages())
            .discardMessagesWhenOutgoingQueueFull()
            .connectionListener(main ? this::onEvent : (connection, event) -> {})
            .errorListener(new Errors());
    settings.credentials().ifPresent(file -> options.credentialPath(file.toString()));
    if (settings.user().isPresent() && settings.passwordFile().isPresent()) {
      options.userInfo(settings.user().get(), settings.passwordFile().get().reveal());
    }
    if (settings.tls().hasFiles()) {
      options.sslContext(TlsFiles.context(settings.tls()));
    }
    return options.build();
  }

  private void onEvent(Connection connection, ConnectionListener.Events event) {
    switch (event) {
      case DISCONNECTED, CLOSED -> state(false);
      // Only then are the subscriptions in place again.
      case RESUBSCRIBED -> state(true);
      default -> {
        // Connecting and discovering servers change nothing for us.
      }
    }
  }

  private void state(boolean now) {
    if (connected != now) {
      connected = now;
      LOG.info("broker {}", now ? "is back" : "is away");
      stateListeners.forEach(listener -> listener.onState(now));
    }
  }

  void onState(StateListener listener) {
    stateListeners.add(listener);
  }

  void onDiscarded(DiscardListener listener) {
    discardListeners.add(listener);
  }

  /** Whether the broker is there. */
  public boolean connected() {
    return connected;
  }

  /** Largest message that the broker takes, in bytes. */
  public long maxPayload() {
    return messages().getMaxPayload();
  }

  /** The connection for requests, replies and control. */
  Connection messages() {
    return require(messages);
  }

  /** The connection for KV events and snapshots. */
  Connection events() {
    return require(events);
  }

  private static Connection require(@Nullable Connection connection) {
    if (connection == null) {
      throw new IllegalStateException("not connected yet");
    }
    return connection;
  }

  /** What this process's end has counted. */
  TransportCounters counters() {
    return counters;
  }

  /**
   * Publishes without waiting.
   *
   * @return false if the broker is away; then nothing was sent and nothing will be
   */
  static boolean publish(
      Connection connection,
      String subject,
      @Nullable String replyTo,
      @Nullable Headers headers,
      byte[] body) {
    if (connection.getStatus() != Connection.Status.CONNECTED) {
      return false;
    }
    try {
      connection.publish(subject, replyTo, headers, body);
      return true;
    } catch (IllegalStateException e) {
      // It went away between the two lines above.
      return false;
    }
  }

  /** Sends what is queued, and disconnects. */
  @Override
  public void close() {
    close(messages);
    close(events);
  }

  private static void close(@Nullable Connection connection) {
    if (connection == null) {
      return;
    }
    try {
      if (connection.getStatus() == Connection.Status.CONNECTED) {
        connection.flush(FLUSH_TIMEOUT);
      }
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      LOG.warn("last messages could not be flushed to the broker");
    }
  }

  private final class Errors implements ErrorListener {
    @Override
    public void errorOccurred(Connection connection, String error) {
      LOG.warn("broker says: {}", error);
    }

    @Override
    public void exceptionOccurred(Connection connection, Exception e) {
      LOG.debug("broker connection: {}", e.toString());
    }

    @Override
    public void slowConsumerDetected(Connection connection, Consumer consumer) {
      counters.slowConsumer.increment();
      LOG.warn("messages from the broker are dropped: this process cannot keep up");
    }

    @Override
    public void messageDiscarded(Connection connection, Message message) {
      counters.discarded.increment();
      discardListeners.forEach(l -> l.onDiscarded(message.getSubject(), message.getReplyTo()));
    }
  }
}
