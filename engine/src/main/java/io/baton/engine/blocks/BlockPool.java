package io.baton.engine.blocks;

import io.baton.bridge.Engine.KvEventListener;
import io.baton.bridge.Engine.KvSnapshot;
import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Hands out KV blocks, counts who holds them, and keeps full blocks that nobody holds for later
 * requests with the same prefix, until their place is needed. All methods are the step thread's,
 * except {@link #snapshot} and the figures, which any thread may ask for.
 */
public final class BlockPool {
  /** No such block. */
  public static final int NONE = -1;

  private final int size;
  private final int[] holders;
  private final @Nullable BlockName[] names;
  private final HashIndex index;

  /**
   * Cached blocks that nobody holds. Blocks of a sequence are let go tail first and a child's
   * holders hold its parent too, so the oldest one never has a cached child.
   */
  private final RecencyList unheld;

  private final int[] free;
  private int freeCount;
  private final HostTier host;
  private final KvEventLog events = new KvEventLog();
  private volatile int used;
  private final LongAdder evicted = new LongAdder();

  /**
   * A pool of blocks numbered from 0, all free.
   *
   * @param hostBlocks places of the second tier; 0: none
   * @param copies how blocks move between the tiers
   */
  public BlockPool(int size, int hostBlocks, TierCopies copies) {
    this.size = size;
    holders = new int[size];
    names = new BlockName[size];
    index = new HashIndex(size);
    unheld = new RecencyList(size);
    free = new int[size];
    for (int i = 0; i < size; i++) {
      free[i] = size - 1 - i;
    }
    freeCount = size;
    host = new HostTier(hostBlocks, copies, events);
  }

  /** How KV moves between the tiers; done when the call returns. */
  public interface TierCopies {
    void copyToHost(int block, int hostBlock);

    void copyFromHost(int hostBlock, int block);
  }

  /** Blocks in all. */
  public int size() {
    return size;
  }

  /** Blocks that {@link #take} can still hand out. */
  public int available() {
    return freeCount + unheld.size();
  }

  /** Blocks that somebody holds. */
  public int used() {
    return used;
  }

  /** Blocks that nobody holds but that can be reused. */
  public int cached() {
    return unheld.size();
  }

  /** Blocks that lost their place in the first tier, so far. */
  public long evicted() {
    return evicted.sum();
  }

  /** Blocks in the second tier. */
  public int hostUsed() {
    return host.used();
  }

  /** Blocks that came back from the second tier, so far. */
  public long loaded() {
    return host.loaded();
  }

  /**
   * A block for the caller to write, held once. Evicts the least recently used cached block if none
   * is free.
   *
   * @return {@link #NONE} if all blocks are held
   */
  public int take() {
    if (freeCount == 0) {
      int victim = unheld.oldest();
      if (victim < 0) {
        return NONE;
      }
      evict(victim);
    }
    int block = free[--freeCount];
    holders[block] = 1;
    updateUsed();
    return block;
  }

  /** Whether anybody holds it. */
  public boolean isHeld(int block) {
    return holders[block] > 0;
  }

  /** One more holder. */
  public void hold(int block) {
    if (holders[block]++ == 0) {
      unheld.remove(block);
      updateUsed();
    }
  }

  /** One holder less. A sequence lets its blocks go from the last to the first. */
  public void letGo(int block) {
    if (holders[block] <= 0) {
      throw new IllegalStateException("block " + block + " is let go but nobody holds it");
    }
    if (--holders[block] == 0) {
      if (names[block] != null) {
        unheld.addNewest(block);
      } else {
        free[freeCount++] = block;
      }
      updateUsed();
    }
  }

  /** The cached block of this name in the first tier, not yet held for the caller. */
  public int find(BlockName name) {
    int block = index.get(name.sequenceHash());
    return block != HashIndex.NONE && name.sameAs(nameOf(block)) ? block : NONE;
  }

  /** Whether the second tier has a block of this name. */
  public boolean hostHas(BlockName name) {
    return host.has(name);
  }

  /** Protects blocks of the second tier from being forgotten before {@link #loadFromHost}. */
  public void pinInHost(BlockName name) {
    host.pin(name);
  }

  /** Undoes {@link #pinInHost}. */
  public void unpinInHost(BlockName name) {
    host.unpin(name);
  }

  /** Brings a pinned block of the second tier into a block that the caller holds. */
  public synchronized void loadFromHost(BlockName name, int block) {
    host.load(name, block);
    register(block, name);
    host.forget(name);
  }

  /**
   * Makes a full block reusable.
   *
   * @param block held by the caller, written completely
   * @return the block to hold from now on, maybe another with the same content, in which case the
   *     caller's hold has moved to it; {@link #NONE} if it cannot be cached (hash collision) and
   *     the caller keeps its own
   */
  public synchronized int seal(int block, BlockName name) {
    int existing = index.get(name.sequenceHash());
    if (existing == HashIndex.NONE) {
      register(block, name);
      host.forget(name);
      return block;
    }
    if (!name.sameAs(nameOf(existing))) {
      return NONE;
    }
    if (existing != block) {
      hold(existing);
      letGo(block);
    }
    return existing;
  }

  /** Tells the listener what has changed since the last time. */
  public synchronized void flushEvents(@Nullable KvEventListener listener) {
    events.flush(listener);
  }

  /** The whole block set, parents before children. */
  public synchronized KvSnapshot snapshot() {
    var all = new ArrayList<TieredName>();
    for (int block = 0; block < size; block++) {
      BlockName name = names[block];
      if (name != null) {
        all.add(new TieredName(name, KvTier.DEVICE));
      }
    }
    host.forEach(name -> all.add(new TieredName(name, KvTier.HOST)));
    all.sort(Comparator.comparingInt(tiered -> tiered.name().depth()));
    var stored = new ArrayList<KvEvent.Stored>(all.size());
    for (TieredName tiered : all) {
      stored.add(tiered.asEvent());
    }
    return new KvSnapshot(events.lastId(), List.copyOf(stored));
  }

  /**
   * Checks what must always hold; for tests.
   *
   * @param expectedHolders how many hold each block
   * @throws IllegalStateException naming what does not hold
   */
  public void checkInvariants(int[] expectedHolders) {
    int cachedUnheld = 0;
    int freeSeen = 0;
    for (int block = 0; block < size; block++) {
      if (holders[block] != expectedHolders[block]) {
        throw new IllegalStateException(
            "block "
                + block
                + ": holders: "
                + holders[block]
                + " (expected: "
                + expectedHolders[block]
                + ")");
      }
      BlockName name = names[block];
      boolean listed = unheld.contains(block);
      if (listed != (name != null && holders[block] == 0)) {
        throw new IllegalStateException("block " + block + " is on the wrong list");
      }
      cachedUnheld += listed ? 1 : 0;
      freeSeen += name == null && holders[block] == 0 ? 1 : 0;
      if (name != null) {
        checkName(block, name);
      }
    }
    if (cachedUnheld != unheld.size() || freeSeen != freeCount) {
      throw new IllegalStateException("blocks are lost: " + freeSeen + " free, " + freeCount);
    }
  }

  private void checkName(int block, BlockName name) {
    if (index.get(name.sequenceHash()) != block) {
      throw new IllegalStateException("block " + block + " is cached but not in the index");
    }
    int parent = name.depth() == 0 ? NONE : index.get(name.parentHash());
    if (name.depth() > 0 && parent == HashIndex.NONE) {
      throw new IllegalStateException("block " + block + " has lost its parent");
    }
    if (parent >= 0 && holders[parent] < (holders[block] > 0 ? 1 : 0)) {
      throw new IllegalStateException("block " + block + " is held but its parent is not");
    }
  }

  private void register(int block, BlockName name) {
    names[block] = name;
    index.put(name.sequenceHash(), block);
    events.stored(name, KvTier.DEVICE);
  }

  private synchronized void evict(int block) {
    BlockName name = nameOf(block);
    unheld.remove(block);
    index.remove(name.sequenceHash());
    names[block] = null;
    free[freeCount++] = block;
    host.keep(name, block);
    events.removed(name, KvTier.DEVICE);
    evicted.increment();
  }

  private BlockName nameOf(int block) {
    BlockName name = names[block];
    if (name == null) {
      throw new IllegalStateException("block " + block + " is not cached");
    }
    return name;
  }

  private void updateUsed() {
    used = size - freeCount - unheld.size();
  }

  private record TieredName(BlockName name, KvTier tier) {
    KvEvent.Stored asEvent() {
      return new KvEvent.Stored(
          name.depth() == 0 ? OptionalLong.empty() : OptionalLong.of(name.parentHash()),
          new long[] {name.sequenceHash()},
          new long[] {name.localHash()},
          tier);
    }
  }
}
