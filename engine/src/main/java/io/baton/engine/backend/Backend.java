package io.baton.engine.backend;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Computes steps over paged KV. {@link #execute} and the tier copies are called by one thread, the
 * scheduler's; export and import by data-plane threads, for blocks whose content nobody changes
 * meanwhile.
 */
public interface Backend extends Logits, AutoCloseable {

  /** Name for cards and logs: {@code cpu}, {@code sim}. */
  String name();

  /** How KV lies in blocks; equal layouts can hand blocks over. */
  KvLayout layout();

  /**
   * Computes all rows of a step: writes their KV and makes the logits that the batch asks for.
   *
   * @param listener hears of each layer as soon as the KV of all rows is written there
   */
  void execute(StepBatch batch, LayerListener listener);

  /**
   * Counts of its own that only rise, by dotted name; for the engine's metrics, from any thread.
   */
  default Map<String, LongSupplier> counters() {
    return Map.of();
  }

  /** Copies a block to a place of the second tier. */
  void copyToHost(int block, int hostBlock);

  /** Copies a place of the second tier into a block. */
  void copyFromHost(int hostBlock, int block);

  /** Appends {@link KvLayout#layerBlockBytes} bytes: one layer of a block. */
  void exportBlock(int block, int layer, ByteBuffer into);

  /** Takes one layer of a block from the buffer, as {@link #exportBlock} made it. */
  void importBlock(int block, int layer, ByteBuffer from);

  /**
   * Appends one layer of some blocks.
   *
   * @param blocks block numbers, of which those from {@code from} up to {@code to} are meant
   */
  default void exportBlocks(int[] blocks, int from, int to, int layer, ByteBuffer into) {
    for (int i = from; i < to; i++) {
      exportBlock(blocks[i], layer, into);
    }
  }

  /** Takes one layer of some blocks from the buffer, as {@link #exportBlocks} made it. */
  default void importBlocks(int[] blocks, int from, int to, int layer, ByteBuffer source) {
    for (int i = from; i < to; i++) {
      importBlock(blocks[i], layer, source);
    }
  }

  /** What another process on this machine needs to read KV in place; empty: none can. */
  default byte[] sharedKv() {
    return new byte[0];
  }

  /**
   * Opens the KV of another process; any thread.
   *
   * @param shared its {@link #sharedKv}
   * @return empty if it cannot be reached from here
   */
  default Optional<PeerKv> openPeer(byte[] shared) {
    return Optional.empty();
  }

  /** Waits until the step under way has written a layer, for others that read it; any thread. */
  default void awaitLayer(int layer) {}

  @Override
  void close();

  /** Called on the step's thread between two layers; must not block. */
  @FunctionalInterface
  interface LayerListener {
    void onLayer(int layer);
  }
}
