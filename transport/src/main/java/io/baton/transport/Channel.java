package io.baton.transport;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the broker, with what is subscribed on it. It reconnects for ever, also where
 * the client library gives up: after credentials were refused twice, a new connection with the same
 * subscriptions takes the place of the old one. Thread-safe.
 *
 * <p>Publishing takes a queue's short lock and never waits for the broker. The library's own waits
 * are switched off: no buffer while it reconnects, a full queue discards, and a lock that is held
 * by its pings is waited for 50 ms at most.
 */
final class Channel implements AutoCloseable {
  /** What became of a message that was to be published. */
  enum Delivery {
    /** On its way, unless {@link Watcher#onDiscarded} says otherwise. */
    QUEUED,
    /** The broker cannot be reached; nothing was sent and nothing will be. */
    AWAY,
    /** Larger than the broker takes; nothing was sent. */
    TOO_LARGE
  }

  /** Hears what happens to the connection; on the library's callback thread. */
  interface Watcher {
    /** The broker is there, with all subscriptions in place; or it is away. */
    default void onConnected(boolean connected) {}

    /** A message was dropped since the outgoing queue was full. */
    default void onDiscarded(String subject, @Nullable String replyTo) {}
  }

  /** Subscriptions whose messages come on one thread, in order. */
  private record Inbox(Map<String, MessageHandler> handlers) {}

  private static final Logger LOG = LoggerFactory.getLogger(Channel.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration RECONNECT_WAIT = Duration.ofMillis(100);
  private static final long REOPEN_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long COMPLAIN_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** An inbox that is not read drops beyond this; numbered streams and KV events notice and ask. */
  private static final long INBOX_BYTES = 256L << 20;

  private final NatsSettings settings;
  private final String name;
  private final TransportCounters counters;
  private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
  private final List<Inbox> inboxes = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger(1);
  private final AtomicLong complainedNanos =
      new AtomicLong(System.nanoTime() - COMPLAIN_EVERY_NANOS);
  private volatile Connection connection;
  private volatile boolean connected = true;
  private volatile boolean closed;

  /**
   * Connects, or fails soon.
   *
   * @param name of the client, for the broker's own monitoring
   */
  Channel(NatsSettings settings, String name, TransportCounters counters)
      throws IOException, InterruptedException {
    this.settings = settings;
    this.name = name;
    this.counters = counters;
    this.connection = Nats.connect(options());
  }

  private Options options() {
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
            .writeQueuePushTimeout(Options.MINIMUM_WRITE_QUEUE_PUSH_TIMEOUT)
            .connectionListener(this::onEvent)
            .errorListener(new Errors());
    settings.credentials().ifPresent(file -> options.credentialPath(file.toString()));
    return options.build();
  }

  private void onEvent(Connection source, ConnectionListener.Events event) {
    switch (event) {
      case DISCONNECTED -> state(false);
      // Only then are the subscriptions in place again.
      case RESUBSCRIBED -> state(true);
      case CLOSED -> {
        state(false);
        if (!closed && source.equals(connection)) {
          Thread.ofPlatform().name(name + "-reopen").daemon().start(this::reopen);
        }
      }
      default -> {
        // Connecting and discovering servers change nothing for us.
      }
    }
  }

  /** The library has given up; we do not. */
  private void reopen() {
    LOG.error("broker refuses {} for good: {}; trying on", name, connection.getLastError());
    while (!closed) {
      LockSupport.parkNanos(REOPEN_WAIT_NANOS);
      try {
        Connection fresh = Nats.connect(options());
        connection = fresh;
        inboxes.forEach(inbox -> subscribe(fresh, inbox));
        if (closed) {
          fresh.close();
        } else {
          state(true);
        }
        return;
      } catch (IOException e) {
        LOG.warn("broker still refuses {}: {}", name, e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void state(boolean now) {
    synchronized (connections) {
      if (connected == now) {
        return;
      }
      connected = now;
      if (now) {
        connections.incrementAndGet();
      }
    }
    if (!closed) {
      LOG.info("{}: the broker is {}", name, now ? "back" : "away");
    }
    watchers.forEach(watcher -> watcher.onConnected(now));
  }

  void watch(Watcher watcher) {
    watchers.add(watcher);
  }

  /** Subscribes; all messages of one call come on one thread, in the order in which they arrive. */
  void subscribe(Map<String, MessageHandler> handlers) {
    var inbox = new Inbox(Map.copyOf(handlers));
    inboxes.add(inbox);
    subscribe(connection, inbox);
  }

  private static void subscribe(Connection connection, Inbox inbox) {
    Dispatcher dispatcher = connection.createDispatcher();
    dispatcher.setPendingLimits(-1, INBOX_BYTES);
    inbox.handlers().forEach(dispatcher::subscribe);
  }

  /** Publishes without waiting for the broker. */
  Delivery publish(
      String subject, @Nullable String replyTo, @Nullable Headers headers, byte[] body) {
    Connection current = connection;
    if (current.getStatus() != Connection.Status.CONNECTED) {
      return Delivery.AWAY;
    }
    try {
      current.publish(subject, replyTo, headers, body);
      return Delivery.QUEUED;
    } catch (IllegalStateException e) {
      // It went away between the lines above, or a ping has held the full queue's lock too long.
      return Delivery.AWAY;
    } catch (IllegalArgumentException e) {
      counters.tooLarge.increment();
      LOG.error("{} bytes to {} not sent: {}", body.length, subject, e.getMessage());
      return Delivery.TOO_LARGE;
    }
  }

  Delivery publish(String subject, byte[] body) {
    return publish(subject, null, null, body);
  }

  /** Whether the broker is there and all subscriptions are in place. */
  boolean connected() {
    return connected;
  }

  /** Counts this process's connections on this channel, from 1. */
  int connections() {
    return connections.get();
  }

  /** Largest message that the broker takes, headers included, in bytes. */
  long maxPayload() {
    return connection.getMaxPayload();
  }

  /** Sends what is queued, and disconnects. */
  @Override
  public void close() {
    closed = true;
    try {
      if (connection.getStatus() == Connection.Status.CONNECTED) {
        connection.flush(FLUSH_TIMEOUT);
      }
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      LOG.warn("{}: the last messages could not be flushed to the broker", name);
    }
  }

  private final class Errors implements ErrorListener {
    @Override
    public void errorOccurred(Connection source, String error) {
      counters.brokerErrors.increment();
      long now = System.nanoTime();
      long before = complainedNanos.get();
      // A missing permission is complained of for every message.
      if (now - before >= COMPLAIN_EVERY_NANOS && complainedNanos.compareAndSet(before, now)) {
        LOG.warn("{}: the broker says: {}", name, error);
      }
    }

    @Override
    public void exceptionOccurred(Connection source, Exception e) {
      if (e instanceof IllegalStateException || !(e instanceof RuntimeException)) {
        // The connection's own troubles; its state says the rest.
        LOG.debug("{}: {}", name, e.toString());
      } else {
        LOG.error("{}: a message could not be handled", name, e);
      }
    }

    @Override
    public void slowConsumerDetected(Connection source, Consumer consumer) {
      counters.slowConsumer.increment();
      LOG.warn("{}: messages from the broker are dropped: this process cannot keep up", name);
    }

    @Override
    public void messageDiscarded(Connection source, Message message) {
      counters.discarded.increment();
      watchers.forEach(w -> w.onDiscarded(message.getSubject(), message.getReplyTo()));
    }
  }
}
