package io.baton.transport;

import io.baton.proto.v1.ClockEcho;
import io.baton.proto.v1.GatewayStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The last heartbeats of gateways, to be sent back in the worker's own: from the four times of such
 * a round a gateway estimates how far the two clocks are apart. Thread-safe.
 */
final class ClockEchoes {
  private static final int MAX_GATEWAYS = 64;
  private static final long TTL_NANOS = TimeUnit.SECONDS.toNanos(5);

  private record Heard(long sent, long arrived) {}

  private final LongSupplier unixNanos;
  private final Map<String, Heard> lastHeard = new LinkedHashMap<>();

  ClockEchoes(LongSupplier unixNanos) {
    this.unixNanos = unixNanos;
  }

  synchronized void heard(GatewayStatus status) {
    // Taken out first, so that the one not heard for longest stays in front.
    lastHeard.remove(status.getGatewayId());
    if (status.getStopping()) {
      return;
    }
    if (lastHeard.size() >= MAX_GATEWAYS) {
      var oldest = lastHeard.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    lastHeard.put(
        status.getGatewayId(), new Heard(status.getSentUnixNanos(), unixNanos.getAsLong()));
  }

  /** What to send now. */
  synchronized List<ClockEcho> echoes() {
    long now = unixNanos.getAsLong();
    lastHeard.values().removeIf(heard -> now - heard.arrived() > TTL_NANOS);
    var echoes = new ArrayList<ClockEcho>(lastHeard.size());
    for (var entry : lastHeard.entrySet()) {
      echoes.add(
          ClockEcho.newBuilder()
              .setGatewayId(entry.getKey())
              .setT0(entry.getValue().sent())
              .setT1(entry.getValue().arrived())
              .setT2(now)
              .build());
    }
    return echoes;
  }
}
