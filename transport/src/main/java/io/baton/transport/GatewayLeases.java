package io.baton.transport;

import io.baton.proto.v1.GatewayStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Which gateways are alive. A request lives only as long as its gateway is heard of: silence, last
 * words or a new life of the gateway end the lease. Thread-safe.
 */
final class GatewayLeases {
  /** Answers whether a life of a gateway still has requests here. */
  interface Requests {
    boolean hasAny(String gatewayId, long incarnation);
  }

  /** A lease that has ended, and why. */
  record Lost(String gatewayId, long incarnation, String cause) {}

  private record Lease(long incarnation, Silence silence) {}

  private final long timeoutNanos;
  private final LongSupplier clock;
  private final Map<String, Lease> leases = new HashMap<>();

  GatewayLeases(Duration timeout, LongSupplier clock) {
    this.timeoutNanos = timeout.toNanos();
    this.clock = clock;
  }

  /** A request of a gateway has come, so it is alive. */
  synchronized void begin(String gatewayId, long incarnation) {
    Lease lease = leases.get(gatewayId);
    if (lease == null || lease.incarnation() != incarnation) {
      leases.put(gatewayId, new Lease(incarnation, new Silence(clock)));
    } else {
      lease.silence().heard();
    }
  }

  /** A heartbeat; the result is the lease that it ends, if it does. */
  synchronized Optional<Lost> heard(GatewayStatus status) {
    Lease lease = leases.get(status.getGatewayId());
    if (lease == null) {
      return Optional.empty();
    }
    boolean restarted = lease.incarnation() != status.getIncarnation();
    if (!restarted && !status.getStopping()) {
      lease.silence().heard();
      return Optional.empty();
    }
    leases.remove(status.getGatewayId());
    return Optional.of(
        new Lost(
            status.getGatewayId(),
            lease.incarnation(),
            restarted ? "has started anew" : "has stopped"));
  }

  /** Leases that have run out; those without requests are forgotten silently. */
  synchronized List<Lost> lost(long listeningSince, Requests requests) {
    var lost = new ArrayList<Lost>();
    leases
        .entrySet()
        .removeIf(entry -> {
          Lease lease = entry.getValue();
          if (lease.silence().nanos(listeningSince) <= timeoutNanos) {
            return false;
          }
          if (requests.hasAny(entry.getKey(), lease.incarnation())) {
            lost.add(new Lost(entry.getKey(), lease.incarnation(), "is silent"));
          }
          return true;
        });
    return lost;
  }
}
