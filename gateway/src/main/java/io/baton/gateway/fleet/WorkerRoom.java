package io.baton.gateway.fleet;

import io.baton.proto.v1.RankLoad;
import io.baton.proto.v1.WorkerStatus;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How many legs each worker of a pool can still take, as far as this gateway can know: what the
 * worker said last, less the legs sent since that it has not seen yet, plus those that it counted
 * and that have ended since. Safe for use by many threads.
 */
final class WorkerRoom {
  private static final class Room {
    int said;

    /** Legs of this gateway that have not ended. */
    final Set<String> own = new HashSet<>();

    /** Those of them that are in what the worker said. */
    final Set<String> counted = new HashSet<>();

    /** Counted ones that have ended since. */
    int freed;

    /** Whether it works and has no KV block left. */
    boolean outOfBlocks;

    int left() {
      return outOfBlocks ? 0 : said + freed - (own.size() - counted.size());
    }
  }

  private final Map<String, Room> rooms = new HashMap<>();

  /** A heartbeat. */
  synchronized void heard(String worker, WorkerStatus status) {
    Room room = rooms.computeIfAbsent(worker, id -> new Room());
    room.said = status.getCapacityRequests();
    room.freed = 0;
    long blocks = status.getRanksList().stream().mapToLong(RankLoad::getTotalBlocks).sum();
    room.outOfBlocks =
        blocks > 0 && status.getCapacityTokens() == 0 && status.getLiveRequestsCount() > 0;
    room.counted.clear();
    for (String live : status.getLiveRequestsList()) {
      if (room.own.contains(live)) {
        room.counted.add(live);
      }
    }
  }

  /** A leg goes there. */
  synchronized void begin(String worker, String requestId) {
    rooms.computeIfAbsent(worker, id -> new Room()).own.add(requestId);
  }

  /** A leg has ended; of one that is not known nothing happens. */
  synchronized void end(String worker, String requestId) {
    Room room = rooms.get(worker);
    if (room != null && room.own.remove(requestId) && room.counted.remove(requestId)) {
      room.freed++;
    }
  }

  /** It left. */
  synchronized void forget(String worker) {
    rooms.remove(worker);
  }

  /** Legs that it can take now; 0 or less: it is full. */
  synchronized int left(String worker) {
    Room room = rooms.get(worker);
    return room == null ? 0 : room.left();
  }
}
