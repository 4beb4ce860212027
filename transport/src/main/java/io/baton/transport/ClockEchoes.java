package io.baton.transport;

import io.baton.proto.v1.ClockEcho;
import io.baton.proto.v1.GatewayStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The last heartbeat of each gateway, to be sent back with the times of its stay. Thread-safe. */
final class ClockEchoes {
  private static final int MOST_GATEWAYS = 64;

  private record Heard(long t0, long t1) {}

  private final Map<String, Heard> last = new LinkedHashMap<>();

  /** A heartbeat came at this time, in unix nanoseconds of this process's clock. */
  synchronized void heard(GatewayStatus status, long receivedUnixNanos) {
    last.remove(status.getGatewayId());
    if (status.getStopping() || status.getSentUnixNanos() == 0) {
      return;
    }
    last.put(status.getGatewayId(), new Heard(status.getSentUnixNanos(), receivedUnixNanos));
    if (last.size() > MOST_GATEWAYS) {
      var oldest = last.values().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /** Echoes that leave now. */
  synchronized List<ClockEcho> at(long nowUnixNanos) {
    var echoes = new ArrayList<ClockEcho>(last.size());
    last.forEach((gateway, heard) ->
        echoes.add(
            ClockEcho.newBuilder()
                .setGatewayId(gateway)
                .setT0(heard.t0())
                .setT1(heard.t1())
                .setT2(nowUnixNanos)
                .build()));
    return echoes;
  }
}
