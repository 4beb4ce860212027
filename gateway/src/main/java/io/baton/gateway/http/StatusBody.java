package io.baton.gateway.http;

import io.baton.gateway.api.JsonText;
import io.baton.gateway.fleet.Fleet;
import io.baton.gateway.fleet.Pool;
import io.baton.gateway.http.HttpFront.Gate;
import io.baton.gateway.relay.Relay;
import io.vertx.core.buffer.Buffer;
import java.util.stream.Collectors;

/** What the health routes say. */
final class StatusBody {
  private StatusBody() {}

  static Buffer live() {
    return Buffer.buffer("{\"status\":\"live\"}");
  }

  static Buffer ready(boolean ready) {
    return Buffer.buffer("{\"status\":\"" + (ready ? "ready" : "not ready") + "\"}");
  }

  /** The gateway, the broker, each pool and each worker. */
  static Buffer health(Fleet fleet, Relay relay, Gate gate) {
    String pools =
        fleet.pools().stream().map(pool -> pool(fleet, pool)).collect(Collectors.joining(","));
    return Buffer.buffer(
        "{\"status\":\"%s\",\"broker\":\"%s\",\"in_flight_requests\":%d,\"pools\":[%s]}"
            .formatted(
                gate.open() ? "serving" : "draining",
                gate.brokerConnected() ? "connected" : "unreachable",
                relay.inFlight(),
                pools));
  }

  private static String pool(Fleet fleet, Pool pool) {
    String workers =
        fleet.workersOf(pool).stream()
            .map(worker ->
                "{\"id\":%s,\"role\":\"%s\",\"engine\":%s,\"routable\":%b,\"kv_routing_off\":%s}"
                    .formatted(
                        JsonText.quote(worker.id()),
                        worker.role(),
                        JsonText.quote(worker.engine()),
                        worker.routable(),
                        worker.kvRoutingOff().isEmpty()
                            ? "null"
                            : JsonText.quote(worker.kvRoutingOff())))
            .collect(Collectors.joining(","));
    return "{\"name\":%s,\"can_serve\":%b,\"disaggregated\":%b,\"workers\":[%s]}"
        .formatted(JsonText.quote(pool.name()), pool.canServe(), pool.disaggregated(), workers);
  }
}
