package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** While every worker is full requests wait at the gateway, where priority and tenants count. */
class CapacityTest {
  private static final int STREAMS = 12;

  @ParameterizedTest
  @ValueSource(strings = {"aggregated", "disaggregated"})
  void requestsWaitInTheGatewayAndNotInTheEngines(String kind) throws Exception {
    var plan =
        kind.equals("aggregated")
            ? TestFleet.aggregated("sim").worker("agg-2", "aggregated")
            : TestFleet.disaggregated("sim").worker("decode-2", "decode");
    List<String> answering =
        kind.equals("aggregated") ? List.of("agg-1", "agg-2") : List.of("decode-1", "decode-2");
    try (var fleet =
        plan.workerSet("builtin.max_running=2").workerSet("builtin.sim.decode_base=50ms").start()) {
      List<String> ended = new CopyOnWriteArrayList<>();
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        clients.add(client(fleet, "low-" + i, 20, "0", ended));
      }
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> gateway(fleet, "admission_waiting_requests") >= STREAMS - 5);
      clients.add(client(fleet, "urgent", 4, "5", ended));
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(100))
          .until(() -> {
            // A third may be there that says its last word.
            answering.forEach(worker ->
                assertThat(fleet.metric(worker, "baton_worker_live_legs"))
                    .as("legs at %s", worker)
                    .isLessThanOrEqualTo(3));
            return ended.size() > STREAMS;
          });
      for (Thread client : clients) {
        client.join();
      }
      assertThat(ended).doesNotContain("failed");
      assertThat(ended.indexOf("urgent")).as("%s", ended).isLessThan(STREAMS - 2);
      assertThat(gateway(fleet, "admission_waiting_requests")).isZero();
      assertThat(fleet.client().get("/metrics"))
          .contains("baton_gateway_admission_requests_total{outcome=\"waited\"");
    }
  }

  private static Thread client(
      TestFleet fleet, String name, int tokens, String priority, List<String> ended) {
    return Thread.ofVirtual()
        .start(() -> {
          var end =
              fleet.client().stream(Client.longChat(name, tokens), "x-baton-priority", priority);
          ended.add(end.finishReason().equals("length") ? name : "failed");
        });
  }

  private static double gateway(TestFleet fleet, String name) {
    return Client.metric(fleet.client().get("/metrics"), "baton_gateway_" + name);
  }
}
