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
 * words or a new life of the gateway end the lease. Only gateways that have sent requests have one.
 * Thread-safe.
 */
final class GatewayLeases {
  /** Answers whether a life of a gateway still has requests here. */
  interface Requests {
    boolean hasAny(String gatewayId, long incarnation);
  }

  /** A lease that has ended, and why. */
  record Lost(String gatewayId, long incarnation, String cause) {}

  private record Lease(long incarnation, long heardNanos) {}

  private final long timeoutNanos;
  private final LongSupplier heard;
  private final Map<String, Lease> leases = new HashMap<>();

  /**
   * No leases yet.
   *
   * @param heard stands still while gateways could not be heard
   */
  GatewayLeases(Duration timeout, LongSupplier heard) {
    this.timeoutNanos = timeout.toNanos();
    this.heard = heard;
  }

  /** A request or a word about one has come; the result is the lease of an earlier life. */
  synchronized Optional<Lost> renew(String gatewayId, long incarnation) {
    Lease before = leases.put(gatewayId, new Lease(incarnation, heard.getAsLong()));
    return before == null || before.incarnation() == incarnation
        ? Optional.empty()
        : Optional.of(new Lost(gatewayId, before.incarnation(), "has started anew"));
  }

  /** A heartbeat; the result is the lease that it ends, if it does. */
  synchronized Optional<Lost> heard(GatewayStatus status) {
    Lease lease = leases.get(status.getGatewayId());
    if (lease == null) {
      return Optional.empty();
    }
    boolean restarted = lease.incarnation() != status.getIncarnation();
    if (!restarted && !status.getStopping()) {
      leases.put(status.getGatewayId(), new Lease(lease.incarnation(), heard.getAsLong()));
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
  synchronized List<Lost> expired(Requests requests) {
    long now = heard.getAsLong();
    var lost = new ArrayList<Lost>();
    leases
        .entrySet()
        .removeIf(entry -> {
          Lease lease = entry.getValue();
          boolean over = now - lease.heardNanos() > timeoutNanos;
          if (over && requests.hasAny(entry.getKey(), lease.incarnation())) {
            lost.add(new Lost(entry.getKey(), lease.incarnation(), "is silent"));
          }
          return over;
        });
    return lost;
  }
}
