package io.baton.transport;

import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.Stored;
import java.util.ArrayList;
import java.util.List;

/** Cuts KV events into portions that fit into one message each. */
final class KvSplitter {
  /** Tag and length of an event inside a message. */
  private static final int EVENT_OVERHEAD_BYTES = 6;

  /** A sequence and a local hash. */
  private static final int BLOCK_BYTES = 16;

  /** What a run costs beside its blocks: tags, lengths, parent, tier. */
  private static final int RUN_OVERHEAD_BYTES = 64;

  private final int maxBytes;

  /**
   * A splitter for portions of this size.
   *
   * @param maxBytes of all events of a portion together
   */
  KvSplitter(int maxBytes) {
    if (maxBytes < RUN_OVERHEAD_BYTES + BLOCK_BYTES) {
      throw new IllegalArgumentException(
          "maxBytes: " + maxBytes + " (expected: room for a block at least)");
    }
    this.maxBytes = maxBytes;
  }

  /**
   * Portions in order, none empty. An event that is too large by itself is a portion of its own;
   * {@link #cutRuns} avoids that where events need not stay whole.
   */
  List<List<KvEvent>> portions(List<KvEvent> events) {
    var portions = new ArrayList<List<KvEvent>>();
    int from = 0;
    int bytes = 0;
    for (int i = 0; i < events.size(); i++) {
      int size = events.get(i).getSerializedSize() + EVENT_OVERHEAD_BYTES;
      if (i > from && bytes + size > maxBytes) {
        portions.add(events.subList(from, i));
        from = i;
        bytes = 0;
      }
      bytes += size;
    }
    if (from < events.size()) {
      portions.add(events.subList(from, events.size()));
    }
    return portions;
  }

  /** The same blocks in runs that fit: each further part continues the one before. */
  List<KvEvent> cutRuns(List<KvEvent> stored) {
    int blocks = (maxBytes - RUN_OVERHEAD_BYTES) / BLOCK_BYTES;
    var parts = new ArrayList<KvEvent>(stored.size());
    for (KvEvent event : stored) {
      int count = event.getStored().getSequenceHashesCount();
      for (int from = 0; from < count; from += blocks) {
        parts.add(count <= blocks ? event : part(event, from, Math.min(count, from + blocks)));
      }
    }
    return parts;
  }

  private static KvEvent part(KvEvent event, int from, int to) {
    Stored run = event.getStored();
    var part =
        Stored.newBuilder().addAllSequenceHashes(run.getSequenceHashesList().subList(from, to));
    if (run.getLocalHashesCount() > 0) {
      part.addAllLocalHashes(run.getLocalHashesList().subList(from, to));
    }
    if (from > 0) {
      part.setParent(run.getSequenceHashes(from - 1));
    } else if (run.hasParent()) {
      part.setParent(run.getParent());
    }
    return event.toBuilder().setStored(part).build();
  }
}
