package io.baton.bridge.server;

import io.baton.bridge.Engine.KvEventListener;
import io.baton.bridge.Engine.KvSnapshot;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.kvevents.KvEventFeed;
import io.baton.bridge.kvevents.KvFeedCounters;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server, seen from beside: what both forms of a request need of it. Thread-safe. */
public final class ServerBeside implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerBeside.class);
  private static final long START_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Dialect dialect;
  private final ControlClient control;
  private final ServerFacts facts;
  private final ServerWatch watch;
  private final List<Long> tokenProbes;
  private final KvFeedCounters kvCounters = new KvFeedCounters();
  private final List<KvEventFeed> feeds = new CopyOnWriteArrayList<>();

  private ServerBeside(
      Dialect dialect,
      ControlClient control,
      ServerFacts facts,
      ServerOptions options,
      IntSupplier inFlight) {
    this.dialect = dialect;
    this.control = control;
    this.facts = facts;
    this.tokenProbes = AskedTokens.digests(control, dialect.tokenizePath(), facts.card().models());
    this.watch = new ServerWatch(dialect, control, facts, options, inFlight, this::cameBack);
  }

  /**
   * Waits until the server says what it is.
   *
   * @throws IOException if it does not in time, naming it
   */
  public static ServerFacts probe(Dialect dialect, ControlClient control) throws IOException {
    ServerAddress server = control.server();
    long until = System.nanoTime() + server.startTimeout().toNanos();
    boolean told = false;
    while (true) {
      try {
        return dialect.probe(control);
      } catch (IOException e) {
        if (System.nanoTime() > until) {
          throw new IOException(
              "server.url: %s does not answer within %s (%s)"
                  .formatted(server.url(), server.startTimeout(), e.getMessage()),
              e);
        }
        if (!told) {
          LOG.info(
              "waiting for {} ({})",
              server.url(),
              String.valueOf(
                  e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
          told = true;
        }
        LockSupport.parkNanos(START_POLL_NANOS);
      }
    }
  }

  /**
   * Begins to look at a server and to follow its KV events; waits until it has said what its tokens
   * are.
   *
   * @param inFlight requests that this process has with the server
   */
  public static ServerBeside watch(
      Dialect dialect,
      ControlClient control,
      ServerFacts facts,
      ServerOptions options,
      IntSupplier inFlight) {
    return new ServerBeside(dialect, control, facts, options, inFlight);
  }

  /** How this kind of server is spoken to. */
  public Dialect dialect() {
    return dialect;
  }

  /** What the server said when the worker started. */
  public ServerFacts facts() {
    return facts;
  }

  /** As {@link io.baton.bridge.Engine#tokenProbes}, from when the worker started. */
  public List<Long> tokenProbes() {
    return tokenProbes;
  }

  /** How the server is. */
  public List<EngineLoad> load() {
    return watch.load();
  }

  /** Whether the server has been heard of lately. */
  public boolean healthy() {
    return watch.healthy();
  }

  /** Tells the server to stop a request. */
  public void abort(String rid) {
    dialect.abort(control, rid);
  }

  /** The server's own metrics, with normalised names; empty if it has none just now. */
  public String metrics() {
    try {
      return PrometheusText.normalise(control.text("/metrics"));
    } catch (IOException e) {
      return "";
    }
  }

  /** As {@link io.baton.bridge.Engine#onKvEvents}. */
  public void onKvEvents(KvEventListener listener) {
    for (KvEventSource source : facts.kvEvents()) {
      feeds.add(new KvEventFeed(source, facts.card().blockSize(), listener, kvCounters));
    }
  }

  /** Perhaps as another process with an empty cache. */
  private void cameBack() {
    feeds.forEach(KvEventFeed::distrust);
  }

  /** What is counted about the server's KV events, by name. */
  public Map<String, LongSupplier> counters() {
    return facts.kvEvents().isEmpty() ? Map.of() : kvCounters.all();
  }

  /** As {@link io.baton.bridge.Engine#kvSnapshot}. */
  public KvSnapshot kvSnapshot(int rank) {
    return rank < feeds.size() ? feeds.get(rank).snapshot() : new KvSnapshot(0, List.of());
  }

  @Override
  public void close() {
    watch.close();
    feeds.forEach(KvEventFeed::close);
    control.close();
  }
}
