package io.baton.standalone.route;

import java.util.Iterator;
import java.util.LinkedHashMap;

/** A worker's prefix cache: the blocks used last, up to its size. */
final class BlockLru {
  /** What changed when a prompt was taken in. */
  interface Changes {
    void stored(TraceRequest request, int fromBlock);

    void evicted(long block);
  }

  private final int capacity;
  private final LinkedHashMap<Long, Boolean> blocks = new LinkedHashMap<>(16, 0.75f, true);

  BlockLru(int capacity) {
    this.capacity = capacity;
  }

  /** Leading blocks of a prompt that are here. */
  int leading(long[] prompt) {
    int leading = 0;
    while (leading < prompt.length && blocks.containsKey(prompt[leading])) {
      leading++;
    }
    return leading;
  }

  /** The first blocks of a prompt are used now; the tail counts as used least lately. */
  void touch(long[] prompt, int leading) {
    for (int i = leading - 1; i >= 0; i--) {
      blocks.get(prompt[i]);
    }
  }

  /** Takes a whole prompt in, from its tail, so that tails go first. */
  void insert(TraceRequest request, Changes changes) {
    long[] prompt = request.blocks();
    int from = leading(prompt);
    for (int i = prompt.length - 1; i >= 0; i--) {
      if (blocks.get(prompt[i]) == null) {
        blocks.put(prompt[i], Boolean.TRUE);
      }
    }
    if (from < prompt.length) {
      changes.stored(request, from);
    }
    Iterator<Long> eldest = blocks.keySet().iterator();
    for (int over = blocks.size() - capacity; over > 0; over--) {
      long block = eldest.next();
      eldest.remove();
      changes.evicted(block);
    }
  }
}
