package io.baton.engine.blocks;

import io.baton.bridge.Engine.KvEventListener;
import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the changes of the prefix cache in the order in which they happen and tells them to a
 * listener in batches. Neighbouring changes of one kind become one event. Not thread-safe.
 */
final class KvEventLog {
  private final List<KvEvent> finished = new ArrayList<>();
  private long lastId;

  private @Nullable KvTier openTier;
  private boolean openIsStored;
  private OptionalLong openParent = OptionalLong.empty();
  private long[] openSequence = new long[16];
  private long[] openLocal = new long[16];
  private int openCount;

  void stored(BlockName name, KvTier tier) {
    boolean continues =
        openIsStored
            && openTier == tier
            && openCount > 0
            && name.depth() > 0
            && openSequence[openCount - 1] == name.parentHash();
    if (!continues) {
      closeOpen();
      openTier = tier;
      openIsStored = true;
      openParent = name.depth() == 0 ? OptionalLong.empty() : OptionalLong.of(name.parentHash());
    }
    add(name);
  }

  void removed(BlockName name, KvTier tier) {
    if (openIsStored || openTier != tier) {
      closeOpen();
      openTier = tier;
      openIsStored = false;
    }
    add(name);
  }

  void cleared() {
    closeOpen();
    finished.add(new KvEvent.Cleared());
    lastId++;
  }

  /** Number of the last event, all changes so far included. */
  long lastId() {
    closeOpen();
    return lastId;
  }

  /** Tells everything that was not told yet. */
  void flush(@Nullable KvEventListener listener) {
    closeOpen();
    if (finished.isEmpty()) {
      return;
    }
    var events = List.copyOf(finished);
    finished.clear();
    if (listener != null) {
      listener.onEvents(0, lastId - events.size() + 1, events);
    }
  }

  private void add(BlockName name) {
    if (openCount == openSequence.length) {
      openSequence = Arrays.copyOf(openSequence, 2 * openCount);
      openLocal = Arrays.copyOf(openLocal, 2 * openCount);
    }
    openSequence[openCount] = name.sequenceHash();
    openLocal[openCount] = name.localHash();
    openCount++;
  }

  private void closeOpen() {
    if (openCount > 0 && openTier != null) {
      long[] sequence = Arrays.copyOf(openSequence, openCount);
      finished.add(
          openIsStored
              ? new KvEvent.Stored(
                  openParent, sequence, Arrays.copyOf(openLocal, openCount), openTier)
              : new KvEvent.Removed(sequence, openTier));
      lastId++;
    }
    openCount = 0;
    openTier = null;
    openIsStored = false;
  }
}
