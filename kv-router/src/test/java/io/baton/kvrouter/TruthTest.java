package io.baton.kvrouter;

import static io.baton.kvrouter.TestFleet.BLOCK;
import static io.baton.kvrouter.TestFleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TruthTest {
  private final TestFleet fleet = TestFleet.ofAggregated(1);
  private final WorkerRank worker = fleet.workers.get(0);
  private final int[] prompt = prompt(1, 40);

  @Test
  void aWorkerWhoseEngineFindsNothingOfWhatItsEventsPromiseIsNoLongerBelieved() throws Exception {
    fleet.store(worker, prompt, 30);

    legs(10, 0);

    RouterStats.Rank rank = fleet.stats(worker);
    assertThat(rank.cacheView()).isEqualTo(CacheView.DISTRUSTED);
    assertThat(rank.truth().keptShare()).isZero();
    assertThat(rank.truth().cause()).contains("template or tokenizer");
    // Only what was just sent there counts, and that is a prediction.
    assertThat(fleet.route(prompt).overlap().held()).isZero();
  }

  @Test
  void aWorkerThatKeepsItsPromisesIsBelievedAndOneThatIsMendedAgain() throws Exception {
    fleet.store(worker, prompt, 30);
    legs(20, 30 * BLOCK);
    assertThat(fleet.stats(worker).truth().trusted()).isTrue();
    assertThat(fleet.stats(worker).truth().cause()).isEmpty();

    legs(60, 0);
    assertThat(fleet.stats(worker).truth().trusted()).isFalse();

    legs(400, 30 * BLOCK);
    assertThat(fleet.stats(worker).truth().trusted()).isTrue();
  }

  @Test
  void aFewBadLegsProveNothing() throws Exception {
    fleet.store(worker, prompt, 30);

    legs(7, 0);

    assertThat(fleet.stats(worker).truth().trusted()).isTrue();
  }

  private void legs(int count, long found) throws NoWorkerException {
    for (int i = 0; i < count; i++) {
      RouteReceipt receipt = fleet.route(prompt);
      fleet.router.engineFound(receipt, found);
      receipt.reservation().release();
    }
  }

  @Test
  void whatOtherRoutersHavePutThereCounts() throws Exception {
    TestFleet two = TestFleet.ofAggregated(2);
    two.router.peersLoad(two.workers.get(0), new PeerLoad(3, 100_000, 100_000));
    assertThat(two.route(prompt).chosen()).isEqualTo(two.workers.get(1));

    two.router.peersLoad(two.workers.get(0), PeerLoad.NONE);
    assertThat(two.route(prompt(2, 40)).chosen()).isEqualTo(two.workers.get(0));
  }

  @Test
  void toExplainChangesNothingAndTheRealRequestDoesTheSame() throws Exception {
    TestFleet many = TestFleet.ofAggregated(5);
    for (int i = 0; i < 12; i++) {
      many.route(prompt(i, 10 + i));
    }
    RouteRequest request = RouteRequest.of("r", Phase.AGGREGATED, prompt);
    RouterStats before = many.router.stats();

    RouteReceipt explained = many.router.explain(request);

    assertThat(many.router.stats()).isEqualTo(before);
    assertThat(explained.held()).isEmpty();
    RouteReceipt real = many.route(request);
    assertThat(real.chosen()).isEqualTo(explained.chosen());
    assertThat(real.candidates()).isEqualTo(explained.candidates());
  }

  @Test
  void sessionsStayWhereTheyAreAndFewMoveWhenAWorkerLeaves() throws Exception {
    TestFleet many =
        new TestFleet(RouterSettings.defaults().withPolicy(RoutingPolicy.SESSION))
            .join(Phase.AGGREGATED, 8);
    List<WorkerRank> first = sessions(many);
    assertThat(sessions(many)).isEqualTo(first);
    assertThat(first.stream().distinct()).hasSize(8);

    many.router.workerLeft(many.workers.get(3));

    List<WorkerRank> second = sessions(many);
    for (int i = 0; i < first.size(); i++) {
      if (!first.get(i).equals(many.workers.get(3))) {
        assertThat(second.get(i)).isEqualTo(first.get(i));
      }
    }
  }

  private List<WorkerRank> sessions(TestFleet many) throws NoWorkerException {
    List<WorkerRank> places = new java.util.ArrayList<>();
    for (int i = 0; i < 200; i++) {
      places.add(
          many.route(RouteRequest.of("r", Phase.AGGREGATED, prompt).withSession("session " + i))
              .chosen());
    }
    return places;
  }

  @Test
  void aPinnedRequestGoesNowhereElse() throws Exception {
    TestFleet many = TestFleet.ofAggregated(4);
    RouteRequest pinned = RouteRequest.of("r", Phase.AGGREGATED, prompt).withPinnedWorker("w2");
    for (int i = 0; i < 10; i++) {
      assertThat(many.route(pinned).chosen().workerId()).isEqualTo("w2");
    }
  }

  @Test
  void aConversationThatGrowsHasTheHashesItWouldHaveHadAnyway() throws Exception {
    TestFleet many = TestFleet.ofAggregated(2);
    int[] longer = prompt(7, 90);
    for (int blocks : new int[] {10, 25, 60, 90, 40}) {
      int[] turn = java.util.Arrays.copyOf(longer, blocks * BLOCK + 3);
      RouteRequest request = RouteRequest.of("r", Phase.AGGREGATED, turn);
      assertThat(many.route(request.withSession("s")).hashes().orElseThrow().sequence())
          .isEqualTo(many.route(request).hashes().orElseThrow().sequence());
    }
  }
}
