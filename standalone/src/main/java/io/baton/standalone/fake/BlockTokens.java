package io.baton.standalone.fake;

import io.baton.kvblocks.BlockHasher;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which tokens a block's name stands for, since engines publish tokens and the simulated
 * engine's events hold names only. Thread-safe.
 */
final class BlockTokens {
  /**
   * A block.
   *
   * @param salt of the request that brought it
   */
  record Content(int[] tokens, String salt) {}

  private static final int MAX_BLOCKS = 200_000;

  private final int blockSize;
  private final Map<Long, Content> contents =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Content> eldest) {
          return size() > MAX_BLOCKS;
        }
      };

  BlockTokens(int blockSize) {
    this.blockSize = blockSize;
  }

  /** Notes the full blocks of a sequence that are not known yet. */
  synchronized void remember(int[] tokens, int length, String salt) {
    long[] names =
        new BlockHasher(blockSize, "", salt).hash(Arrays.copyOf(tokens, length)).sequence();
    for (int i = 0; i < names.length; i++) {
      int from = i * blockSize;
      contents.putIfAbsent(
          names[i], new Content(Arrays.copyOfRange(tokens, from, from + blockSize), salt));
    }
    notifyAll();
  }

  /** The tokens of a block; waits a moment for a request that is just telling them. */
  synchronized @Nullable Content of(long name) throws InterruptedException {
    for (int i = 0; i < 20 && !contents.containsKey(name); i++) {
      wait(10);
    }
    return contents.get(name);
  }
}
