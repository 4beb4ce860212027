package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.testkit.SpanTree;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever dies in mid-stream: the client hears it, KV comes back, the trace stays connected. */
class DeathsTest {
  private static final String BLOCKS = "baton_engine_used_blocks";

  private static TestFleet slowDisaggregated() throws Exception {
    return TestFleet.disaggregated("sim").workerSet("builtin.sim.decode_base=20ms").start();
  }

  @Test
  void withMigrationOffAKilledDecodeWorkerIsToldToTheClientAndFreesThePrefillSide()
      throws Exception {
    try (var fleet =
        TestFleet.disaggregated("sim")
            .workerSet("builtin.sim.decode_base=20ms")
            .gatewaySet("limits.migration=false")
            .gatewaySet("server.strict_readiness=true")
            .start()) {
      try (var stream = fleet.client().open(Client.longChat("Count to a hundred.", 600))) {
        assertThat(stream.readPiece()).isTrue();

        fleet.worker("decode-1").kill();

        stream.readAll(text -> {});
        assertThat(stream.result().error().path("code").asText()).isEqualTo("worker_lost");
        assertThat(stream.result().done()).isTrue();
        assertKvFree(fleet, "prefill-1");
        assertConnected(fleet, stream.traceId());
      }
      await().atMost(Duration.ofSeconds(2)).until(() -> fleet.client().statusOf("/ready") == 503);
    }
  }

  @Test
  void aPrefillWorkerKilledInMidPromptIsToldToTheClientAndFreesTheDecodeSide() throws Exception {
    try (var fleet =
        TestFleet.disaggregated("sim").workerSet("builtin.sim.prefill_base=10s").start()) {
      var answered = new AtomicInteger();
      Thread request =
          Thread.ofVirtual()
              .start(() ->
                  answered.set(
                      fleet
                          .client()
                          .post(
                              "/v1/chat/completions",
                              Client.chat("What is the capital of France?").toString())
                          .statusCode()));
      await().until(() -> fleet.metric("prefill-1", "baton_worker_live_legs") > 0);

      fleet.worker("prefill-1").kill();

      request.join(Duration.ofSeconds(10));
      assertThat(answered.get()).isIn(502, 503);
      assertKvFree(fleet, "decode-1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"aggregated", "disaggregated"})
  void aClientThatLeavesStopsTheEnginesWithinASecond(String kind) throws Exception {
    var plan =
        kind.equals("aggregated") ? TestFleet.aggregated("sim") : TestFleet.disaggregated("sim");
    String answering = kind.equals("aggregated") ? "agg-1" : "decode-1";
    try (var fleet = plan.workerSet("builtin.sim.decode_base=20ms").start()) {
      String traceId;
      try (var stream = fleet.client().open(Client.longChat("Count to a hundred.", 900))) {
        assertThat(stream.readPiece()).isTrue();
        await().until(() -> fleet.metric(answering, BLOCKS) > 0);
        traceId = stream.traceId();
      }

      await()
          .atMost(Duration.ofSeconds(1))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> fleet.metric(answering, BLOCKS) == 0);
      await().atMost(Duration.ofSeconds(2)).until(() -> fleet.client().inFlight() == 0);
      assertConnected(fleet, traceId);
    }
  }

  @Test
  void whenTheGatewayDiesItsRequestsAreAbortedWithinFiveSeconds() throws Exception {
    try (var fleet = slowDisaggregated()) {
      try (var stream = fleet.client().open(Client.longChat("Count to a hundred.", 900))) {
        assertThat(stream.readPiece()).isTrue();
        await().until(() -> fleet.metric("decode-1", BLOCKS) > 0);

        fleet.gateway().kill();

        await().atMost(Duration.ofSeconds(5)).until(() -> fleet.metric("decode-1", BLOCKS) == 0);
        assertThat(fleet.metric("prefill-1", BLOCKS)).isZero();
      }
    }
  }

  @Test
  void workersThatJoinOrLeaveUnderLoadAreNoticedWithinTwoSeconds() throws Exception {
    try (var fleet =
        TestFleet.aggregated("sim").workerSet("builtin.sim.decode_base=20ms").start()) {
      try (var load = fleet.client().open(Client.longChat("Count to a hundred.", 600))) {
        assertThat(load.readPiece()).isTrue();

        fleet.startWorker("agg-2", "aggregated");
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> fleet.worker("agg-2").output().contains("takes"));
        await()
            .atMost(Duration.ofSeconds(2))
            .until(() -> fleet.client().workers().containsKey("agg-2"));

        fleet.worker("agg-2").kill();
        await()
            .atMost(Duration.ofSeconds(2))
            .until(() -> !fleet.client().workers().getOrDefault("agg-2", false));

        fleet.worker("agg-1").terminate();
        await()
            .atMost(Duration.ofSeconds(2))
            .until(() -> fleet.client().workers().values().stream().noneMatch(yes -> yes));
        load.readAll(text -> {});
        assertThat(load.result().finishReason()).as(fleet.logs()).isEqualTo("length");
        assertRefusedByTheGatewayItself(fleet);
      }
    }
  }

  /** A fleet that is away for a while: balancers go on to send, and clients hear when to return. */
  private static void assertRefusedByTheGatewayItself(TestFleet fleet) {
    await().until(() -> fleet.client().workers().isEmpty());
    assertThat(fleet.client().statusOf("/ready")).isEqualTo(200);
    var refused = fleet.client().post("/v1/chat/completions", Client.chat("Hello").toString());
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("retry-after")).isPresent();
    assertThat(Client.json(fleet.client().get("/health")).at("/pools/0/can_serve").asBoolean(true))
        .isFalse();
    var model = Client.json(fleet.client().get("/v1/models/baton-demo"));
    assertThat(model.path("ready").asBoolean(true)).isFalse();
    assertThat(model.at("/pools/0/workers")).isEmpty();
  }

  private static void assertKvFree(TestFleet fleet, String worker) {
    await().atMost(Duration.ofSeconds(5)).until(() -> fleet.metric(worker, BLOCKS) == 0);
  }

  /** One root and no orphan, although a process is missing from it. */
  private static void assertConnected(TestFleet fleet, String traceId) {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() ->
            fleet.receiver().trace(traceId).stream()
                .anyMatch(span -> span.name().equals("http-request")));
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> {
          var tree = new SpanTree(fleet.receiver().trace(traceId));
          assertThat(tree.orphans(Set.of())).isEmpty();
          assertThat(tree.roots(Set.of())).hasSize(1);
        });
  }
}
