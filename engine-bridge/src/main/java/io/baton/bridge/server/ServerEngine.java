package io.baton.bridge.server;

import io.baton.bridge.Engine.KvEventListener;
import io.baton.bridge.Engine.KvSnapshot;
import io.baton.bridge.EngineCard;
import io.baton.bridge.EngineLoad;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What engines behind an HTTP server have in common, whichever form their requests take: all of
 * {@link io.baton.bridge.Engine} that is not about requests.
 */
public abstract class ServerEngine {
  /** The server, which has been asked what it is. */
  protected final ServerBeside server;

  protected ServerEngine(ServerBeside server) {
    this.server = server;
  }

  /** What the engine is. */
  public EngineCard card() {
    return server.facts().card();
  }

  /** How it is right now, by rank. */
  public List<EngineLoad> load() {
    return server.load();
  }

  /** Digests of the server's own tokens of {@link io.baton.kvblocks.TokenProbes}. */
  public List<Long> tokenProbes() {
    return server.tokenProbes();
  }

  /** Whether the server answers. */
  public boolean healthy() {
    return server.healthy();
  }

  /** The server's own metrics, names normalised. */
  public String nativeMetrics() {
    return server.metrics();
  }

  /** Counts that only rise. */
  public Map<String, LongSupplier> counters() {
    return server.counters();
  }

  /** Subscribes to changes of its cache. */
  public void onKvEvents(KvEventListener listener) {
    server.onKvEvents(listener);
  }

  /** The blocks that a rank holds now. */
  public KvSnapshot kvSnapshot(int rank) {
    return server.kvSnapshot(rank);
  }

  /** Stops asking the server. */
  public void close() {
    server.close();
  }
}
