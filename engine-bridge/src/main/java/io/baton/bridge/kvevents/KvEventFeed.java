package io.baton.bridge.kvevents;

import io.baton.bridge.Engine.KvEventListener;
import io.baton.bridge.Engine.KvSnapshot;
import io.baton.bridge.server.KvEventSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZEvent;
import org.zeromq.ZMQ;
import org.zeromq.ZMQ.Poller;
import org.zeromq.ZMQ.Socket;
import org.zeromq.ZMQException;
import org.zeromq.ZMonitor;

/** One rank's KV events: its sockets, on a thread of their own. */
public final class KvEventFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KvEventFeed.class);

  /** Messages that may wait here; more are lost and found missing. */
  private static final int HIGH_WATER_MARK = 100_000;

  private static final int POLL_MILLIS = 100;
  private static final int REPLAY_SILENCE_MILLIS = 1_000;
  private static final long AFTER_CONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final int MAX_REPLAYED = 1_000_000;
  private static final int CONNECTION_EVENTS =
      ZMQ.EVENT_CONNECTED | ZMQ.EVENT_ACCEPTED | ZMQ.EVENT_DISCONNECTED;

  private final KvEventSource source;
  private final KvEventOrder order;
  private final ZContext zmq = new ZContext(1);
  private final Thread thread;

  /** Used by the feed's own thread, and by who closes it after that. */
  private final Map<String, IpcBridge> bridges = new HashMap<>();

  private volatile boolean closing;
  private volatile boolean distrustWanted;

  /**
   * Begins to listen.
   *
   * @param blockSize of the worker's card; events of blocks of another size are left out
   */
  public KvEventFeed(
      KvEventSource source, int blockSize, KvEventListener listener, KvFeedCounters counters) {
    this.source = source;
    Optional<Replayer> replayer =
        source.replayEndpoint().map(endpoint -> from -> replay(endpoint, from));
    this.order =
        new KvEventOrder(source.rank(), new KvMirror(blockSize), replayer, listener, counters);
    this.thread =
        Thread.ofPlatform().daemon().name("baton-kv-events-" + source.rank()).unstarted(this::run);
    thread.start();
  }

  /** The server was away: what is known of its cache may be of an earlier life. */
  public void distrust() {
    distrustWanted = true;
  }

  /** What the rank holds. */
  public KvSnapshot snapshot() {
    return order.snapshot();
  }

  /** Number of blocks that the rank holds. */
  public int blocks() {
    return order.blocks();
  }

  private void run() {
    try (Socket subscriber = zmq.createSocket(SocketType.SUB);
        Socket monitor = zmq.createSocket(SocketType.PAIR);
        Poller poller = zmq.createPoller(2)) {
      String events = "inproc://connection-" + source.rank();
      subscriber.monitor(events, CONNECTION_EVENTS);
      monitor.connect(events);
      subscriber.setRcvHWM(HIGH_WATER_MARK);
      subscriber.setTCPKeepAlive(1);
      subscriber.subscribe(source.topic().getBytes(ZMQ.CHARSET));
      open(subscriber);
      poller.register(monitor, Poller.POLLIN);
      poller.register(subscriber, Poller.POLLIN);
      long askAt = System.nanoTime() + AFTER_CONNECT_NANOS;
      while (!closing) {
        int ready = poller.poll(POLL_MILLIS);
        if (ready > 0) {
          // Soon after a change of connection: what was sent meanwhile went nowhere.
          askAt = System.nanoTime() + (poller.pollin(0) ? AFTER_CONNECT_NANOS : SILENCE_NANOS);
        } else if (System.nanoTime() - askAt > 0) {
          order.silent();
          askAt = System.nanoTime() + SILENCE_NANOS;
        }
        if (distrustWanted) {
          distrustWanted = false;
          order.disconnected();
          order.connected();
        }
        if (poller.pollin(0)) {
          connectionChanged(ZEvent.recv(monitor));
        }
        drain(subscriber);
      }
    } catch (ZMQException e) {
      if (!closing) {
        LOG.error("KV events of {} stopped: {}", source.endpoint(), e.getMessage(), e);
      }
    }
  }

  private void open(Socket subscriber) {
    if (source.bind()) {
      subscriber.bind(source.endpoint());
    } else {
      subscriber.connect(reachable(source.endpoint()));
    }
    LOG.info(
        "KV events of rank {}: {} {}",
        source.rank(),
        source.bind() ? "bound" : "connecting to",
        source.endpoint());
  }

  /** The endpoint itself, or a bridge to it. */
  private String reachable(String endpoint) {
    if (!IpcBridge.isIpc(endpoint)) {
      return endpoint;
    }
    try {
      IpcBridge bridge = bridges.get(endpoint);
      if (bridge == null) {
        bridge = IpcBridge.open(endpoint);
        bridges.put(endpoint, bridge);
      }
      return bridge.endpoint();
    } catch (IOException e) {
      throw new UncheckedIOException("KV events: " + endpoint + " (" + e.getMessage() + ")", e);
    }
  }

  private void connectionChanged(ZEvent event) {
    if (event.getEvent() == ZMonitor.Event.DISCONNECTED) {
      order.disconnected();
    } else {
      order.connected();
    }
  }

  private void drain(Socket subscriber) {
    byte[] topic;
    while (!closing && (topic = subscriber.recv(ZMQ.DONTWAIT)) != null) {
      List<byte[]> frames = rest(subscriber, topic);
      if (frames.size() == 3 && frames.get(1).length == Long.BYTES) {
        order.message(ByteBuffer.wrap(frames.get(1)).getLong(), frames.get(2));
      } else {
        // Something else on the same socket, such as an engine's load reports.
        LOG.debug("a message of {} frames from {}", frames.size(), source.endpoint());
      }
    }
  }

  private static List<byte[]> rest(Socket socket, byte[] first) {
    var frames = new ArrayList<byte[]>(4);
    frames.add(first);
    while (socket.hasReceiveMore()) {
      frames.add(socket.recv());
    }
    return frames;
  }

  private List<Replayer.Message> replay(String endpoint, long from) {
    var messages = new ArrayList<Replayer.Message>();
    try (Socket dealer = zmq.createSocket(SocketType.DEALER)) {
      dealer.setLinger(0);
      dealer.setRcvHWM(0);
      dealer.setReceiveTimeOut(REPLAY_SILENCE_MILLIS);
      dealer.connect(reachable(endpoint));
      dealer.sendMore(new byte[0]);
      dealer.send(ByteBuffer.allocate(Long.BYTES).putLong(from).array());
      byte[] first;
      while (messages.size() < MAX_REPLAYED && (first = dealer.recv()) != null) {
        List<byte[]> frames = rest(dealer, first);
        byte[] payload = frames.getLast();
        byte[] sequence = frames.size() < 2 ? payload : frames.get(frames.size() - 2);
        if (payload.length == 0 || sequence.length != Long.BYTES) {
          return messages;
        }
        messages.add(new Replayer.Message(ByteBuffer.wrap(sequence).getLong(), payload));
      }
      LOG.warn("replay of {} broke off after {} messages", endpoint, messages.size());
    }
    return messages;
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    zmq.close();
    bridges.values().forEach(IpcBridge::close);
  }
}
