package io.baton.transport;

import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.Removed;
import io.baton.proto.v1.Stored;
import java.util.stream.LongStream;

/** Short ways to write changes of a cache. */
final class KvEventsForTests {
  private KvEventsForTests() {}

  /** A run of blocks with rising hashes. */
  static KvEvent stored(long first, int count) {
    var hashes = LongStream.range(first, first + count).boxed().toList();
    return KvEvent.newBuilder()
        .setStored(Stored.newBuilder().addAllSequenceHashes(hashes).addAllLocalHashes(hashes))
        .build();
  }

  static KvEvent stored(long hash) {
    return stored(hash, 1);
  }

  static KvEvent removed(long hash) {
    return KvEvent.newBuilder().setRemoved(Removed.newBuilder().addSequenceHashes(hash)).build();
  }
}
