package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One of four workers is broken and its heartbeats say that all is well: no client notices, and
 * traffic leaves it. Some minutes long, so only with {@code BATON_LONG_TESTS=true}.
 */
@EnabledIfEnvironmentVariable(named = "BATON_LONG_TESTS", matches = "true")
class FaultyWorkerTest {
  private static final int CLIENTS = 8;
  private static final Duration LOAD = Duration.ofSeconds(12);

  @ParameterizedTest
  @ValueSource(strings = {"refuse", "error500", "close_mid", "reset_mid", "hang_gen"})
  void noClientNoticesAWorkerThatIsBroken(String fault) throws Exception {
    try (var fleet =
        TestFleet.of("sim")
            .worker("good-1", "aggregated")
            .worker("good-2", "aggregated")
            .worker("good-3", "aggregated")
            .worker("bad", "aggregated", "builtin.sim.fault=" + fault)
            .gatewaySet("limits.stall_timeout=3s")
            .gatewaySet("trace.level=0")
            .start()) {
      Queue<String> failures = new ConcurrentLinkedQueue<>();
      int answered = 0;
      List<Future<Integer>> clients = new ArrayList<>();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < CLIENTS; i++) {
          int number = i;
          clients.add(threads.submit(() -> load(fleet, number, failures)));
        }
        for (Future<Integer> client : clients) {
          answered += client.get();
        }
      }

      String scrape = fleet.client().get("/metrics");
      System.out.printf(
          "fault %s: %d streams answered, %d failed; %.0f touched by the fault, %.0f ejections%n",
          fault,
          answered,
          failures.size(),
          fleet.metric("bad", "baton_worker_legs_total"),
          Client.metric(scrape, "baton_router_ejections_total"));
      assertThat(failures).isEmpty();
      assertThat(answered).isGreaterThan(CLIENTS);
    }
  }

  private static int load(TestFleet fleet, int client, Queue<String> failures) {
    long until = System.nanoTime() + LOAD.toNanos();
    int answered = 0;
    for (int i = 0; System.nanoTime() < until; i++) {
      var body = Client.longChat("Question " + client + "/" + i + ", please.", 30);
      Client.Streamed answer = fleet.client().stream(body);
      if (answer.status() == 200
          && answer.error().isMissingNode()
          && answer.finishReason().equals("length")) {
        answered++;
      } else {
        failures.add(answer.toString());
      }
    }
    return answered;
  }
}
