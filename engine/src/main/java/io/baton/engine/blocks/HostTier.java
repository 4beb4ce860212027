package io.baton.engine.blocks;

import io.baton.engine.blocks.BlockPool.TierCopies;
import io.baton.kvblocks.KvTier;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The second tier: blocks that lost their place in the first one, least recently evicted forgotten
 * first. A block is in one tier at a time. Children are evicted before their parents and so are
 * forgotten before them.
 */
final class HostTier {
  private final TierCopies copies;
  private final KvEventLog events;
  private final @Nullable BlockName[] names;
  private final HashIndex index;
  private final RecencyList order;
  private final int[] free;
  private int freeCount;
  private volatile int used;
  private final LongAdder loaded = new LongAdder();

  HostTier(int size, TierCopies copies, KvEventLog events) {
    this.copies = copies;
    this.events = events;
    names = new BlockName[size];
    index = new HashIndex(size);
    order = new RecencyList(size);
    free = new int[size];
    for (int i = 0; i < size; i++) {
      free[i] = size - 1 - i;
    }
    freeCount = size;
  }

  int used() {
    return used;
  }

  long loaded() {
    return loaded.sum();
  }

  boolean has(BlockName name) {
    return placeOf(name) != HashIndex.NONE;
  }

  /** Copies a block of the first tier that is about to be forgotten there. */
  void keep(BlockName name, int block) {
    if (names.length == 0 || index.get(name.sequenceHash()) != HashIndex.NONE) {
      return;
    }
    if (freeCount == 0) {
      int victim = order.oldest();
      if (victim < 0) {
        return;
      }
      remove(victim);
    }
    int place = free[--freeCount];
    copies.copyToHost(block, place);
    names[place] = name;
    index.put(name.sequenceHash(), place);
    order.addNewest(place);
    used = names.length - freeCount;
    events.stored(name, KvTier.HOST);
  }

  void pin(BlockName name) {
    order.remove(placeOf(name));
  }

  void unpin(BlockName name) {
    order.addNewest(placeOf(name));
  }

  void load(BlockName name, int block) {
    copies.copyFromHost(placeOf(name), block);
    loaded.increment();
  }

  /** Drops a block that is in the first tier now, if it is here. */
  void forget(BlockName name) {
    int place = placeOf(name);
    if (place != HashIndex.NONE) {
      remove(place);
    }
  }

  void forEach(Consumer<BlockName> visitor) {
    for (BlockName name : names) {
      if (name != null) {
        visitor.accept(name);
      }
    }
  }

  private int placeOf(BlockName name) {
    int place = index.get(name.sequenceHash());
    if (place == HashIndex.NONE) {
      return place;
    }
    BlockName there = names[place];
    return there != null && there.sameAs(name) ? place : HashIndex.NONE;
  }

  private void remove(int place) {
    BlockName name = names[place];
    if (name == null) {
      throw new IllegalStateException("place " + place + " of the second tier is empty");
    }
    if (order.contains(place)) {
      order.remove(place);
    }
    names[place] = null;
    index.remove(name.sequenceHash());
    free[freeCount++] = place;
    used = names.length - freeCount;
    events.removed(name, KvTier.HOST);
  }
}
