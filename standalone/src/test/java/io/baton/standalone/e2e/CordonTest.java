package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.testkit.BatonProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An operator takes workers out and puts them back in, and no client notices. */
class CordonTest {
  /** With BATON_LONG_TESTS: 200 streams at once, and workers for whole requests too. */
  private static final boolean LONG = Boolean.parseBoolean(System.getenv("BATON_LONG_TESTS"));

  private static final int CLIENTS = LONG ? 200 : 30;
  private static final int TOKENS = 8;
  private static final String LEGS = "baton_worker_legs_total";

  /** Through one gateway's admin server; the load comes through the other one. */
  @ParameterizedTest
  @MethodSource("kinds")
  void noRequestFailsAndNoLegStartsOnACordonedWorker(String kind) throws Exception {
    String first = kind.equals("aggregated") ? "agg-1" : "prefill-1";
    String second = kind.equals("aggregated") ? "agg-2" : "decode-1";
    try (var fleet = fleet(kind);
        var other = OtherGateway.start(fleet);
        var load = new Load(other.client())) {
      await().atMost(Duration.ofSeconds(60)).until(() -> load.whole.get() > CLIENTS);

      workers(fleet, "cordon", first);
      double legs = fleet.metric(first, LEGS);
      load.goOn();
      assertThat(fleet.metric(first, LEGS)).as("legs of a cordoned worker").isEqualTo(legs);
      assertThat(workers(fleet, "list")).containsPattern(first + " .* cordoned +no");

      fleet.admin().post("/v1/workers/" + first + "/uncordon", "");
      assertThat(fleet.admin().get("/v1/config")).containsPattern("router.policy: round_robin +# ");
      assertThat(fleet.admin().get("/metrics")).contains("baton_gateway_worker_states");
      await().atMost(Duration.ofSeconds(10)).until(() -> fleet.metric(first, LEGS) > legs);

      workers(fleet, "drain", second);
      double drained = fleet.metric(second, LEGS);
      load.goOn();
      assertThat(fleet.metric(second, LEGS)).isEqualTo(drained);
      assertThat(fleet.metric(second, "baton_worker_live_legs")).isZero();

      // The pool's other workers are left: draining with --stop ends this one's process.
      fleet.admin().post("/v1/workers/" + second + "/drain?stop=true", "");
      assertThat(fleet.worker(second).awaitExit()).isZero();
      load.goOn();
      load.stop();
      assertThat(load.failures).as(fleet::logs).isEmpty();
    }
  }

  static List<String> kinds() {
    return LONG ? List.of("aggregated", "disaggregated") : List.of("disaggregated");
  }

  private static TestFleet fleet(String kind) throws Exception {
    var plan = TestFleet.of("sim");
    if (kind.equals("aggregated")) {
      List.of("agg-1", "agg-2", "agg-3").forEach(id -> plan.worker(id, "aggregated"));
    } else {
      List.of("prefill-1", "prefill-2").forEach(id -> plan.worker(id, "prefill"));
      List.of("decode-1", "decode-2").forEach(id -> plan.worker(id, "decode"));
    }
    return plan.workerSet("builtin.max_running=256")
        .workerSet("builtin.sim.decode_base=120ms")
        .gatewaySet("router.policy=round_robin")
        .gatewaySet("trace.level=0")
        .start();
  }

  /** The command line, as an operator would use it. */
  private static String workers(TestFleet fleet, String... words) throws Exception {
    var arguments = new ArrayList<String>(List.of("workers"));
    arguments.add(words[0]);
    arguments.addAll(List.of("--gateway", fleet.admin().base()));
    arguments.addAll(List.of(words).subList(1, words.length));
    try (var command = BatonProcess.start("workers", Map.of(), arguments)) {
      int status = command.awaitExit();
      assertThat(status).as(command.output()).isZero();
      return command.output();
    }
  }

  /** A second gateway of the same fleet. */
  private record OtherGateway(BatonProcess process, Client client) implements AutoCloseable {
    static OtherGateway start(TestFleet fleet) throws Exception {
      int port = TestFleet.freePort();
      var arguments = new ArrayList<String>(List.of("gateway"));
      for (String setting :
          List.of(
              "id=other",
              "server.port=" + port,
              "nats.servers=" + fleet.broker().url(),
              "router.policy=round_robin",
              "models=[{name: baton-demo, path: '" + TestFleet.MODEL + "'}]")) {
        arguments.addAll(List.of("--set", setting));
      }
      var other =
          new OtherGateway(BatonProcess.start("other", Map.of(), arguments), new Client(port));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              other.client.statusOf("/ready") == 200
                  && !other.client.workers().isEmpty()
                  && other.client.workers().values().stream().allMatch(routable -> routable));
      return other;
    }

    @Override
    public void close() {
      process.close();
    }
  }

  /** Clients that ask for one stream after the other. */
  private static final class Load implements AutoCloseable {
    final AtomicInteger whole = new AtomicInteger();
    final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean going = true;

    Load(Client client) {
      for (int i = 0; i < CLIENTS; i++) {
        int number = i;
        threads.execute(() -> ask(client, number));
      }
    }

    private void ask(Client client, int number) {
      for (int turn = 0; going; turn++) {
        try {
          var end = client.stream(Client.longChat("Client " + number + " asks " + turn, TOKENS));
          if (end.finishReason().equals("length") && end.done()) {
            whole.incrementAndGet();
          } else {
            failures.add(end.toString());
          }
        } catch (RuntimeException e) {
          failures.add(e.toString());
        }
      }
    }

    /** Until everybody has asked about once more. */
    void goOn() {
      int before = whole.get();
      await().atMost(Duration.ofSeconds(60)).until(() -> whole.get() > before + CLIENTS);
    }

    void stop() throws InterruptedException {
      going = false;
      threads.shutdown();
      if (!threads.awaitTermination(60, TimeUnit.SECONDS)) {
        failures.add("streams did not end");
      }
    }

    @Override
    public void close() {
      going = false;
      threads.shutdownNow();
    }
  }
}
