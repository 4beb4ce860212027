package io.baton.engine.scheduler;

import io.baton.engine.blocks.BlockName;
import io.baton.engine.blocks.BlockPool;
import io.baton.engine.blocks.PrefixNames;
import java.util.Arrays;

/** The KV blocks of one sequence, in the order of its tokens, each held once. */
final class SequenceBlocks {
  private final BlockPool pool;
  private final int blockSize;
  private final boolean reuse;
  private final PrefixNames names;
  private int[] table = new int[8];
  private int count;

  /** Leading blocks that are in the prefix cache. */
  private int sealed;

  private boolean canSeal;

  /** Replaced by equal blocks, but a transfer may still read them. */
  private int[] replaced = new int[0];

  private boolean keepReplaced;

  SequenceBlocks(BlockPool pool, int blockSize, boolean reuse, String salt, String lora) {
    this.pool = pool;
    this.blockSize = blockSize;
    this.reuse = reuse;
    this.names = new PrefixNames(blockSize, salt, lora);
  }

  /** Block numbers, {@link #count} of them. */
  int[] table() {
    return table;
  }

  int count() {
    return count;
  }

  int blockSize() {
    return blockSize;
  }

  /** Names of the full blocks. */
  PrefixNames names() {
    return names;
  }

  /** Blocks for this many tokens. */
  int blocksFor(int length) {
    return (length + blockSize - 1) / blockSize;
  }

  /** From now on no block that this sequence wrote is reused before {@link #release}. */
  void keepReplaced() {
    keepReplaced = true;
  }

  /**
   * Takes blocks for tokens of which the first may be cached.
   *
   * @param reusable how many leading tokens may be taken from the cache
   * @param headroom blocks that must be left for others
   * @return tokens whose KV is there, or -1 if there are not enough blocks; then none is held
   */
  int reserve(int[] tokens, int length, int reusable, int headroom) {
    int most = reuse ? reusable / blockSize : 0;
    int device = 0;
    int unheld = 0;
    ensureTable(blocksFor(length));
    for (; device < most; device++) {
      int block = pool.find(names.name(tokens, device));
      if (block == BlockPool.NONE) {
        break;
      }
      table[device] = block;
      unheld += pool.isHeld(block) ? 0 : 1;
    }
    int needed = blocksFor(length) - device;
    if (pool.available() - unheld < needed + headroom) {
      return -1;
    }
    for (count = 0; count < device; count++) {
      pool.hold(table[count]);
    }
    sealed = device;
    canSeal = reuse;
    loadFromHost(tokens, most);
    growTo(length);
    return sealed * blockSize;
  }

  /** Pinned first: taking a block may push others into the second tier and these out of it. */
  private void loadFromHost(int[] tokens, int most) {
    int end = sealed;
    while (end < most && pool.hostHas(names.name(tokens, end))) {
      pool.pinInHost(names.name(tokens, end++));
    }
    while (sealed < end) {
      int block = pool.take();
      pool.loadFromHost(names.name(tokens, sealed), block);
      table[count++] = block;
      sealed++;
    }
  }

  /** Takes blocks for tokens up to a length; false if there are not enough. */
  boolean growTo(int length) {
    int wanted = blocksFor(length);
    ensureTable(wanted);
    while (count < wanted) {
      int block = pool.take();
      if (block == BlockPool.NONE) {
        return false;
      }
      table[count++] = block;
    }
    return true;
  }

  /** Makes blocks reusable that are full of computed tokens. */
  void seal(int[] tokens, int computed) {
    while (canSeal && (sealed + 1) * blockSize <= computed) {
      BlockName name = names.name(tokens, sealed);
      int own = table[sealed];
      if (keepReplaced) {
        pool.hold(own);
      }
      int kept = pool.seal(own, name);
      if (keepReplaced) {
        keepOrLetGo(own, kept);
      }
      if (kept == BlockPool.NONE) {
        canSeal = false;
        return;
      }
      table[sealed++] = kept;
    }
  }

  private void keepOrLetGo(int own, int kept) {
    if (kept == own || kept == BlockPool.NONE) {
      pool.letGo(own);
    } else {
      replaced = Arrays.copyOf(replaced, replaced.length + 1);
      replaced[replaced.length - 1] = own;
    }
  }

  /** Lets everything go, tail first, so that tails are evicted before what they continue. */
  void release() {
    while (count > 0) {
      pool.letGo(table[--count]);
    }
    for (int block : replaced) {
      pool.letGo(block);
    }
    replaced = new int[0];
    sealed = 0;
  }

  /** Adds what is held to {@code holders}, indexed by block; for checks. */
  void countInto(int[] holders) {
    for (int i = 0; i < count; i++) {
      holders[table[i]]++;
    }
    for (int block : replaced) {
      holders[block]++;
    }
  }

  private void ensureTable(int length) {
    if (table.length < length) {
      table = Arrays.copyOf(table, Math.max(length, 2 * table.length));
    }
  }
}
