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

  /**
   * Whether requests should come here.
   *
   * @param hindrance why not; empty if they should
   */
  static Buffer ready(String hindrance) {
    return Buffer.buffer(
        hindrance.isEmpty()
            ? "{\"status\":\"ready\"}"
            : "{\"status\":\"not ready\",\"reason\":" + JsonText.quote(hindrance) + "}");
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

  /** A pool and its workers, as they are now. */
  static String pool(Fleet fleet, Pool pool) {
    String workers =
        fleet.workersOf(pool).stream().map(StatusBody::worker).collect(Collectors.joining(","));
    return "{\"name\":%s,\"can_serve\":%b,\"disaggregated\":%b,\"workers\":[%s]}"
        .formatted(JsonText.quote(pool.name()), pool.canServe(), pool.disaggregated(), workers);
  }

  private static String worker(Fleet.WorkerView worker) {
    return "{\"id\":%s,\"role\":\"%s\",\"engine\":%s,\"state\":\"%s\",\"routable\":%b,\"live_requests\":%d,\"kv_routing_off\":%s}"
        .formatted(
            JsonText.quote(worker.id()),
            worker.role(),
            JsonText.quote(worker.engine()),
            worker.state(),
            worker.routable(),
            worker.liveRequests(),
            worker.kvRoutingOff().isEmpty() ? "null" : JsonText.quote(worker.kvRoutingOff()));
  }
}
