package io.baton.engine.handoff;

import io.baton.engine.EngineSettings;
import io.baton.engine.backend.Backend;
import io.baton.engine.backend.KvLayout;
import io.baton.engine.handoff.Messages.Hello;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handoffs over TCP. A prefill engine listens; a decode engine connects, once per request. Each
 * connection has a virtual thread; listeners are called through an executor that leads to the step
 * thread. Methods may be called from any thread.
 */
public final class DataPlane implements HandoffPort, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DataPlane.class);
  private static final long WATCH_MILLIS = 20;

  private final EngineSettings.DataPlane settings;
  private final Backend backend;
  private final Executor stepThread;
  private final Map<Long, Room> rooms = new ConcurrentHashMap<>();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final Semaphore places;
  private final @Nullable ServerSocket server;
  private volatile boolean closed;

  private DataPlane(
      EngineSettings.DataPlane settings,
      Backend backend,
      Executor stepThread,
      @Nullable ServerSocket server) {
    this.settings = settings;
    this.backend = backend;
    this.stepThread = stepThread;
    this.server = server;
    this.places = new Semaphore(settings.maxTransfers());
    Thread.ofPlatform().name("handoff-watch").daemon().start(this::watchDeadlines);
    if (server != null) {
      Thread.ofVirtual().name("handoff-accept").start(() -> accept(server));
    }
  }

  /**
   * For a prefill engine: listens.
   *
   * @param stepThread runs what it is given on the thread of the scheduler
   */
  public static DataPlane listening(
      EngineSettings.DataPlane settings, Backend backend, Executor stepThread) throws IOException {
    var server = new ServerSocket();
    try {
      server.bind(new InetSocketAddress(settings.bindHost(), settings.port()), 1024);
    } catch (IOException e) {
      server.close();
      throw new IOException(
          "data plane cannot listen on "
              + settings.bindHost()
              + ":"
              + settings.port()
              + ": "
              + e.getMessage(),
          e);
    }
    return new DataPlane(settings, backend, stepThread, server);
  }

  /** For a decode engine: only connects. */
  public static DataPlane connecting(
      EngineSettings.DataPlane settings, Backend backend, Executor stepThread) {
    return new DataPlane(settings, backend, stepThread, null);
  }

  /** The port that it listens on; 0 if it does not. */
  public int port() {
    return server == null ? 0 : server.getLocalPort();
  }

  @Override
  public Sending send(SendJob job, SendListener listener) {
    var room = new Room(this, job, listener);
    if (closed || server == null) {
      room.failUnjoined("this engine has no data plane to send from");
    } else if (rooms.size() >= settings.maxTransfers()) {
      room.failUnjoined("data plane has " + rooms.size() + " rooms open, the most allowed");
    } else if (rooms.putIfAbsent(room.id(), room) != null) {
      room.failUnjoined("room 0x" + Long.toHexString(room.id()) + " is open already");
    } else {
      synchronized (rooms) {
        rooms.notifyAll();
      }
    }
    return room;
  }

  @Override
  public Receiving receive(ReceiveJob job, ReceiveListener listener) {
    var join = new Join(this, job, listener);
    Thread.ofVirtual().name("handoff-join").start(join::run);
    return join;
  }

  EngineSettings.DataPlane settings() {
    return settings;
  }

  Backend backend() {
    return backend;
  }

  KvLayout layout() {
    return backend.layout();
  }

  /** How often a prefill leg that computes says that it is alive. */
  long pingNanos() {
    return settings.idleTimeout().toNanos() / 4;
  }

  void post(Runnable command) {
    stepThread.execute(command);
  }

  void forget(Room room) {
    rooms.remove(room.id(), room);
  }

  void watch(Connection connection) {
    connections.add(connection);
  }

  void unwatch(Connection connection) {
    connections.remove(connection);
  }

  /** Says why and closes. */
  void refuse(Connection connection, Frame frame, String reason) {
    LOG.warn("handoff refused: {}", reason);
    Messages.writeReason(frame, reason);
    try {
      connection.write(frame);
    } catch (IOException e) {
      // It is gone, so it needs no reason.
    }
    connection.close();
  }

  private void accept(ServerSocket from) {
    while (!closed) {
      try {
        Socket socket = from.accept();
        Thread.ofVirtual().name("handoff-serve").start(() -> serve(socket));
      } catch (IOException e) {
        if (!closed) {
          LOG.warn("data plane cannot accept: {}", e.toString());
        }
      }
    }
  }

  private void serve(Socket socket) {
    boolean place = places.tryAcquire();
    try (var connection = new Connection(socket)) {
      var frame = new Frame(Messages.MOST_BYTES);
      if (!place) {
        refuse(connection, frame, "data plane has " + settings.maxTransfers() + " transfers");
        return;
      }
      watch(connection);
      try {
        serve(connection, frame);
      } finally {
        unwatch(connection);
      }
    } catch (IOException | HandoffException e) {
      LOG.info("data plane connection from {} ended: {}", socket, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (place) {
        places.release();
      }
    }
  }

  private void serve(Connection connection, Frame frame)
      throws IOException, HandoffException, InterruptedException {
    connection.expectWithin(settings.idleTimeout(), "did not say who it is");
    connection.read(frame);
    Hello hello = Hello.read(frame);
    connection.expectNothing();
    Room room = awaitRoom(hello.room());
    if (room == null) {
      refuse(
          connection,
          frame,
          "prefill leg of room 0x"
              + Long.toHexString(hello.room())
              + " did not come within "
              + settings.joinTimeout().toMillis()
              + " ms");
      return;
    }
    room.serve(connection, hello);
  }

  /** The decode leg may come before the prefill leg. */
  private @Nullable Room awaitRoom(long id) throws InterruptedException {
    long deadline = System.nanoTime() + settings.joinTimeout().toNanos();
    synchronized (rooms) {
      while (true) {
        Room room = rooms.get(id);
        long left = deadline - System.nanoTime();
        if (room != null || left <= 0 || closed) {
          return room;
        }
        rooms.wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
      }
    }
  }

  private void watchDeadlines() {
    while (!closed) {
      long now = System.nanoTime();
      connections.forEach(connection -> connection.checkDeadline(now));
      rooms.values().forEach(room -> room.checkDeadline(now));
      try {
        TimeUnit.MILLISECONDS.sleep(WATCH_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Closes all connections; their transfers end as failed. */
  @Override
  public void close() {
    closed = true;
    synchronized (rooms) {
      rooms.notifyAll();
    }
    if (server != null) {
      try {
        server.close();
      } catch (IOException e) {
        LOG.debug("closing the data plane", e);
      }
    }
    rooms.values().forEach(room -> room.failUnjoined("data plane is closing"));
    connections.forEach(Connection::close);
  }
}
