package io.baton.agent;

import io.baton.bridge.Engine.KvSnapshot;
import io.baton.kvblocks.KvTier;
import io.baton.proto.v1.Cleared;
import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.Removed;
import io.baton.proto.v1.Stored;
import io.baton.proto.v1.Tier;
import io.baton.transport.SnapshotSource;
import java.util.List;

/** From the engines' KV events to the wire's. */
final class WireKvEvents {
  private WireKvEvents() {}

  static List<KvEvent> of(List<io.baton.kvblocks.KvEvent> events) {
    return events.stream().map(WireKvEvents::of).toList();
  }

  static SnapshotSource snapshot(KvSnapshot snapshot) {
    return new SnapshotSource(
        snapshot.asOfEventId(), snapshot.stored().stream().map(WireKvEvents::of).toList());
  }

  private static KvEvent of(io.baton.kvblocks.KvEvent event) {
    var wire = KvEvent.newBuilder();
    switch (event) {
      case io.baton.kvblocks.KvEvent.Stored stored -> {
        var builder = Stored.newBuilder();
        stored.parent().ifPresent(builder::setParent);
        for (long hash : stored.sequenceHashes()) {
          builder.addSequenceHashes(hash);
        }
        for (long hash : stored.localHashes()) {
          builder.addLocalHashes(hash);
        }
        wire.setStored(builder).setTier(tier(stored.tier()));
      }
      case io.baton.kvblocks.KvEvent.Removed removed -> {
        var builder = Removed.newBuilder();
        for (long hash : removed.sequenceHashes()) {
          builder.addSequenceHashes(hash);
        }
        wire.setRemoved(builder).setTier(tier(removed.tier()));
      }
      case io.baton.kvblocks.KvEvent.Cleared cleared ->
          wire.setCleared(Cleared.getDefaultInstance());
    }
    return wire.build();
  }

  private static Tier tier(KvTier tier) {
    return switch (tier) {
      case DEVICE -> Tier.TIER_DEVICE;
      case HOST -> Tier.TIER_HOST;
      case DISK -> Tier.TIER_DISK;
    };
  }
}
