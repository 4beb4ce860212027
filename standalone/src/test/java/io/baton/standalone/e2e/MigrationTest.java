package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.testkit.SpanTree;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Workers killed with SIGKILL in mid-answer: another one goes on, and the client reads exactly what
 * it would have read. The sim engine's tokens are a function of the whole prefix, so one token
 * repeated or lost changes all that follow.
 */
class MigrationTest {
  private static final int TOKENS = 150;

  private static TestFleet.Plan slow(TestFleet.Plan plan) {
    return plan.workerSet("builtin.sim.decode_base=20ms");
  }

  @Test
  void anAggregatedWorkerKilledInMidAnswerChangesNothingForTheClient() throws Exception {
    var plan = TestFleet.of("sim").worker("agg-1", "aggregated").worker("agg-2", "aggregated");
    try (var fleet = slow(plan).start()) {
      String undisturbed = whole(fleet);
      try (var stream = fleet.client().open(Client.longChat("Count to a hundred.", TOKENS))) {
        assertThat(stream.readPiece()).isTrue();

        fleet.worker(busy(fleet, "agg-1", "agg-2")).kill();

        stream.readAll(text -> {});
        assertSame(stream.result(), undisturbed, fleet);
        assertOneConnectedTrace(fleet, stream.traceId());
      }
    }
  }

  @Test
  void aDecodeWorkerKilledInMidAnswerChangesNothingForTheClient() throws Exception {
    var plan =
        TestFleet.of("sim")
            .worker("prefill-1", "prefill")
            .worker("decode-1", "decode")
            .worker("decode-2", "decode");
    try (var fleet = slow(plan).start()) {
      String undisturbed = whole(fleet);
      try (var stream = fleet.client().open(Client.longChat("Count to a hundred.", TOKENS))) {
        assertThat(stream.readPiece()).isTrue();

        fleet.worker(busy(fleet, "decode-1", "decode-2")).kill();

        stream.readAll(text -> {});
        assertSame(stream.result(), undisturbed, fleet);
      }
    }
  }

  @Test
  void aPrefillWorkerKilledInMidPromptIsReplacedBeforeTheFirstByte() throws Exception {
    var plan =
        TestFleet.of("sim")
            .worker("prefill-1", "prefill")
            .worker("prefill-2", "prefill")
            .worker("decode-1", "decode")
            .workerSet("builtin.sim.prefill_base=2s");
    try (var fleet = plan.start()) {
      var answer = new AtomicReference<Client.Streamed>();
      Thread request =
          Thread.ofVirtual()
              .start(() -> {
                try (var stream = fleet.client().open(Client.longChat("Hello.", 5))) {
                  stream.readAll(text -> {});
                  answer.set(stream.result());
                }
              });
      await().until(() -> live(fleet, "prefill-1") + live(fleet, "prefill-2") > 0);

      fleet.worker(live(fleet, "prefill-1") > 0 ? "prefill-1" : "prefill-2").kill();

      request.join(Duration.ofSeconds(20));
      assertThat(answer.get().status()).as(fleet.logs()).isEqualTo(200);
      assertThat(answer.get().error().isMissingNode()).isTrue();
      assertThat(answer.get().finishReason()).isEqualTo("length");
    }
  }

  /** The same request with nobody dying. */
  private static String whole(TestFleet fleet) throws Exception {
    try (var stream = fleet.client().open(Client.longChat("Count to a hundred.", TOKENS))) {
      stream.readAll(text -> {});
      return stream.result().text();
    }
  }

  private static void assertSame(Client.Streamed answer, String undisturbed, TestFleet fleet) {
    assertThat(answer.error().isMissingNode()).as(fleet.logs()).isTrue();
    assertThat(answer.text()).isEqualTo(undisturbed);
    assertThat(answer.finishReason()).isEqualTo("length");
    assertThat(answer.done()).isTrue();
  }

  private static String busy(TestFleet fleet, String one, String other) {
    await().until(() -> live(fleet, one) + live(fleet, other) > 0);
    return live(fleet, one) > 0 ? one : other;
  }

  private static double live(TestFleet fleet, String worker) {
    return fleet.metric(worker, "baton_worker_live_legs");
  }

  /** Both attempts are in it, and the dead worker's missing spans leave no orphan. */
  private static void assertOneConnectedTrace(TestFleet fleet, String traceId) {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> {
          var spans = fleet.receiver().trace(traceId);
          assertThat(spans.stream().filter(s -> s.name().equals("kv_router.route_request")))
              .hasSize(2);
          var tree = new SpanTree(spans);
          assertThat(tree.orphans(Set.of())).isEmpty();
          assertThat(tree.roots(Set.of())).hasSize(1);
        });
  }
}
