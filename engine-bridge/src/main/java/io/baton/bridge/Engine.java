package io.baton.bridge;

import io.baton.kvblocks.KvEvent;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What every engine can do, whatever the form of its requests. All methods may be called from any
 * thread and return at once, except {@link #close}.
 */
public sealed interface Engine extends AutoCloseable permits TokenEngine, OpenAiEngine {

  /** What the engine is. Fixed from construction on. */
  EngineCard card();

  /** How the engine is right now, one entry per data-parallel rank. */
  List<EngineLoad> load();

  /** Whether the engine can work just now; a worker takes no requests while it cannot. */
  default boolean healthy() {
    return true;
  }

  /**
   * Digests of the engine's own tokens of {@link io.baton.kvblocks.TokenProbes}, for gateways to
   * compare with theirs; empty if it makes no tokens or cannot be asked.
   */
  default List<Long> tokenProbes() {
    return List.of();
  }

  /**
   * Says once if the engine has broken for good: its requests have ended with errors then, it takes
   * no others, and only a new process can work again. Said at once if it has happened already.
   * Engines beside the process never do.
   *
   * @param listener called with the reason, on any thread; must not block
   */
  default void onLost(Consumer<String> listener) {}

  /**
   * The engine's own metrics in Prometheus' text format, names normalised; empty if it has none.
   */
  default String nativeMetrics() {
    return "";
  }

  /** Counts that only rise, by dotted name, such as {@code kv.gaps}. */
  default Map<String, LongSupplier> counters() {
    return Map.of();
  }

  /**
   * Ends a request as soon as possible, between any two steps; its sink then hears {@code
   * onFinished} with {@link FinishReason#ABORT}, unless it ended otherwise first. Unknown or ended
   * ids are ignored.
   */
  void cancel(String rid);

  /**
   * Subscribes to changes of the prefix cache, from now on. Must be called before the first request
   * for the listener to see every change. Engines without KV events never call it.
   */
  void onKvEvents(KvEventListener listener);

  /**
   * The blocks held now, parents before children, with the id of the last event that is contained.
   *
   * @param rank data-parallel rank, from 0
   */
  KvSnapshot kvSnapshot(int rank);

  /**
   * Cancels what runs, frees everything and waits for the engine's threads, some seconds at most.
   */
  @Override
  void close();

  /** Called on the engine's own thread; must not block or throw. */
  @FunctionalInterface
  interface KvEventListener {
    /**
     * Changes of one rank's cache.
     *
     * @param rank data-parallel rank, from 0
     * @param firstEventId number of the first event; numbers rise by one from 1 per rank
     * @param events at least one, in the order in which things happened
     */
    void onEvents(int rank, long firstEventId, List<KvEvent> events);
  }

  /**
   * The whole block set of one rank.
   *
   * @param asOfEventId id of the last event that the block set reflects; 0 if none happened
   * @param stored the whole block set, parents before children
   */
  record KvSnapshot(long asOfEventId, List<KvEvent.Stored> stored) {}
}
