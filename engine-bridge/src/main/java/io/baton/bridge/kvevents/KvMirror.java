package io.baton.bridge.kvevents;

import io.baton.kvblocks.BlockHasher;
import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that one rank of an engine holds, by the engine's names, with Baton's names for them.
 * Turns the engine's changes into Baton's. Not thread-safe, except for the counters.
 */
final class KvMirror {
  private static final int MAX_NAMESPACES = 1024;
  private static final int ANY_GROUP = -1;

  /** A block; {@code tiers} has a bit for each tier that holds it. */
  private static final class Block {
    final long sequence;
    final long local;
    final OptionalLong parent;
    final int depth;
    final BlockHasher hasher;
    int tiers;

    Block(long sequence, long local, OptionalLong parent, int depth, BlockHasher hasher) {
      this.sequence = sequence;
      this.local = local;
      this.parent = parent;
      this.depth = depth;
      this.hasher = hasher;
    }
  }

  private final int blockSize;
  private final Map<Long, Block> blocks = new HashMap<>();

  /** Holders of one Baton name: engines may hold the same tokens under several names of theirs. */
  private final Map<Long, int[]> holders = new HashMap<>();

  private final Map<String, BlockHasher> hashers =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, BlockHasher> eldest) {
          return size() > MAX_NAMESPACES;
        }
      };

  private int group = ANY_GROUP;

  final LongAdder orphans = new LongAdder();
  final LongAdder wrongBlockSize = new LongAdder();

  KvMirror(int blockSize) {
    this.blockSize = blockSize;
  }

  /** Applies one change and adds what it means to {@code out}. */
  void apply(EngineEvent event, List<KvEvent> out) {
    switch (event) {
      case EngineEvent.Stored stored -> stored(stored, out);
      case EngineEvent.Removed removed -> removed(removed, out);
      case EngineEvent.Cleared cleared -> clear(out);
    }
  }

  /** Forgets everything. */
  void clear(List<KvEvent> out) {
    blocks.clear();
    holders.clear();
    out.add(new KvEvent.Cleared());
  }

  private boolean concerns(int eventGroup) {
    if (eventGroup == ANY_GROUP) {
      return true;
    }
    return group == ANY_GROUP || group == eventGroup;
  }

  private void stored(EngineEvent.Stored event, List<KvEvent> out) {
    if (!event.fullAttention() || !concerns(event.group())) {
      return;
    }
    if (event.group() != ANY_GROUP) {
      // Of several groups of a hybrid model the first one that can be reused at any depth counts.
      group = event.group();
    }
    if (event.blockSize() != blockSize) {
      wrongBlockSize.increment();
      return;
    }
    Block parent = event.hasParent() ? blocks.get(event.parent()) : null;
    if (event.hasParent() && parent == null) {
      orphans.add(event.hashes().length);
      return;
    }
    BlockHasher hasher = parent == null ? hasher(event.lora(), event.salt()) : parent.hasher;
    int count = event.hashes().length;
    long[] sequence = new long[count];
    long[] local = new long[count];
    OptionalLong first = parent == null ? OptionalLong.empty() : OptionalLong.of(parent.sequence);
    OptionalLong above = first;
    int depth = parent == null ? 0 : parent.depth + 1;
    boolean anyNew = false;
    for (int i = 0; i < count; i++) {
      local[i] = localHash(hasher, event, i);
      sequence[i] = above.isEmpty() ? local[i] : BlockHasher.chain(above.getAsLong(), local[i]);
      anyNew |= add(event, i, new Block(sequence[i], local[i], above, depth + i, hasher));
      above = OptionalLong.of(sequence[i]);
    }
    if (anyNew) {
      out.add(new KvEvent.Stored(first, sequence, local, event.tier()));
    }
  }

  private static long localHash(BlockHasher hasher, EngineEvent.Stored event, int index) {
    int offset = index * hasher.blockSize();
    return event.extras()[index] == 0
        ? hasher.localHash(event.tokens(), offset)
        : hasher.localHash(event.tokens(), offset, new long[] {event.extras()[index]});
  }

  private BlockHasher hasher(String lora, String salt) {
    return hashers.computeIfAbsent(
        lora + '\u0000' + salt, key -> new BlockHasher(blockSize, lora, salt));
  }

  /** Whether the block is new under Baton's name in its tier. */
  private boolean add(EngineEvent.Stored event, int index, Block fresh) {
    int bit = 1 << index(event.tier());
    Block known = blocks.get(event.hashes()[index]);
    if (known == null) {
      known = fresh;
      blocks.put(event.hashes()[index], fresh);
    }
    if ((known.tiers & bit) != 0) {
      return false;
    }
    known.tiers |= bit;
    int[] count = holders.computeIfAbsent(known.sequence, s -> new int[KvTier.values().length]);
    return ++count[index(event.tier())] == 1;
  }

  private void removed(EngineEvent.Removed event, List<KvEvent> out) {
    if (!concerns(event.group())) {
      return;
    }
    long[] gone = new long[event.hashes().length];
    int count = 0;
    int bit = 1 << index(event.tier());
    for (long hash : event.hashes()) {
      Block block = blocks.get(hash);
      if (block == null || (block.tiers & bit) == 0) {
        continue;
      }
      block.tiers &= ~bit;
      if (block.tiers == 0) {
        blocks.remove(hash);
      }
      if (release(block, event.tier())) {
        gone[count++] = block.sequence;
      }
    }
    if (count > 0) {
      out.add(new KvEvent.Removed(Arrays.copyOf(gone, count), event.tier()));
    }
  }

  /** Whether nobody holds the name in that tier any more. */
  private boolean release(Block block, KvTier tier) {
    int[] count = holders.get(block.sequence);
    if (count == null || --count[index(tier)] > 0) {
      return false;
    }
    if (Arrays.stream(count).allMatch(c -> c == 0)) {
      holders.remove(block.sequence);
    }
    return true;
  }

  /** Everything that is held, parents before children. */
  List<KvEvent.Stored> snapshot() {
    List<Block> all = new ArrayList<>(blocks.values());
    all.sort(Comparator.comparingInt(block -> block.depth));
    var stored = new ArrayList<KvEvent.Stored>();
    for (KvTier tier : KvTier.values()) {
      for (Block block : all) {
        if ((block.tiers & (1 << index(tier))) != 0) {
          stored.add(
              new KvEvent.Stored(
                  block.parent, new long[] {block.sequence}, new long[] {block.local}, tier));
        }
      }
    }
    return stored;
  }

  private static int index(KvTier tier) {
    return switch (tier) {
      case DEVICE -> 0;
      case HOST -> 1;
      case DISK -> 2;
    };
  }

  /** Blocks held, in whatever tier. */
  int size() {
    return blocks.size();
  }

  /** Baton's name of a block of the engine's; null if it is not held. */
  @Nullable Long sequenceOf(long engineHash) {
    Block block = blocks.get(engineHash);
    return block == null ? null : block.sequence;
  }
}
