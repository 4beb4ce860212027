package io.baton.gateway.fleet;

import io.baton.kvrouter.PeerLoad;
import io.baton.proto.v1.GatewayStatus;
import io.baton.proto.v1.Reservation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The load that other gateways say they have given to workers. Each heartbeat is the whole of it,
 * so a gateway that joins late knows all after one interval; one that is silent for longer than its
 * lease is forgotten, as the workers forget it. Safe for use by many threads.
 */
final class Peers {
  private static final long LEASE_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** One life of a worker. */
  record Key(String workerId, long incarnation) {}

  private record Word(GatewayStatus status, long heardNanos) {}

  private final Map<String, Word> last = new HashMap<>();
  private Set<Key> loaded = Set.of();

  /** Another gateway's heartbeat; says what all of them have put on each worker now. */
  synchronized Map<Key, PeerLoad> heard(GatewayStatus status, long nowNanos) {
    if (status.getStopping()) {
      last.remove(status.getGatewayId());
    } else {
      last.put(status.getGatewayId(), new Word(status, nowNanos));
    }
    return sum(nowNanos);
  }

  /** The same without a new word, so that silent gateways are forgotten. */
  synchronized Map<Key, PeerLoad> sum(long nowNanos) {
    last.values().removeIf(word -> nowNanos - word.heardNanos > LEASE_NANOS);
    Map<Key, PeerLoad> sums = new HashMap<>();
    // Those that had load and have none any more must be told too.
    loaded.forEach(key -> sums.put(key, PeerLoad.NONE));
    Set<Key> now = new HashSet<>();
    for (Word word : last.values()) {
      for (Reservation r : word.status.getReservationsList()) {
        var key = new Key(r.getWorkerId(), r.getWorkerIncarnation());
        var load = new PeerLoad(r.getRequests(), r.getPrefillTokens(), r.getBlocks());
        sums.merge(key, load, Peers::plus);
        now.add(key);
      }
    }
    loaded = now;
    return sums;
  }

  /** Gateways heard of within their lease. */
  synchronized int size() {
    return last.size();
  }

  private static PeerLoad plus(PeerLoad a, PeerLoad b) {
    return new PeerLoad(
        a.requests() + b.requests(),
        a.prefillTokens() + b.prefillTokens(),
        a.kvTokens() + b.kvTokens());
  }
}
