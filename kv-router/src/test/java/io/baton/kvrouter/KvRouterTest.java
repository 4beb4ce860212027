package io.baton.kvrouter;

import static io.baton.kvrouter.TestFleet.BLOCK;
import static io.baton.kvrouter.TestFleet.candidate;
import static io.baton.kvrouter.TestFleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.kvblocks.BlockHasher;
import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KvRouterTest {
  private final int[] prompt = prompt(1, 40);

  @Test
  void goesWhereTheLongestPrefixIsWhenAllAreIdle() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(4);
    fleet.store(fleet.workers.get(1), prompt, 10);
    fleet.store(fleet.workers.get(2), prompt, 30);

    RouteReceipt receipt = fleet.route(prompt);

    assertThat(receipt.chosen()).isEqualTo(fleet.workers.get(2));
    assertThat(receipt.overlap()).isEqualTo(new Overlap(30, 0, 0, 0));
    assertThat(receipt.overlapBlocks()).isEqualTo(30);
    assertThat(receipt.overlapTokens()).isEqualTo(30 * BLOCK);
    assertThat(candidate(receipt, fleet.workers.get(1)).overlap().held()).isEqualTo(10);
    assertThat(candidate(receipt, fleet.workers.get(0)).overlap()).isEqualTo(Overlap.NONE);
    assertThat(receipt.hashes().orElseThrow().sequence())
        .isEqualTo(new BlockHasher(BLOCK).hash(prompt).sequence());
    assertThat(receipt.reason()).contains("among 4 candidates, 30 blocks held");
  }

  @Test
  void goesElsewhereWhenTheQueueThereIsLongerThanThePrefixIsWorth() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(2);
    WorkerRank holder = fleet.workers.get(0);
    fleet.store(holder, prompt, 20);
    fleet.router.reported(holder, new ReportedLoad(4, 9, 100, 100_000));

    RouteReceipt receipt = fleet.route(prompt);

    assertThat(receipt.chosen()).isEqualTo(fleet.workers.get(1));
    assertThat(candidate(receipt, holder).queuedPrefillTokens()).isEqualTo(100_000);
  }

  @Test
  void theTermsOfEveryCandidateAddUpToItsCostAndTheChosenOneHasTheLeast() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(5);
    fleet.store(fleet.workers.get(3), prompt, 12);
    for (int i = 0; i < 20; i++) {
      fleet.route(prompt(i, i));
    }

    RouteReceipt receipt = fleet.route(prompt);

    List<Double> costs = new ArrayList<>();
    for (Candidate candidate : receipt.candidates()) {
      CostTerms terms = candidate.cost().orElseThrow();
      costs.add(terms.total());
      assertThat(terms.total())
          .isEqualTo(
              terms.queue()
                  + terms.prefill()
                  + terms.transfer()
                  + terms.cacheLoss()
                  + terms.decode()
                  + terms.session());
    }
    assertThat(costs).isSorted().hasSize(5);
    assertThat(receipt.candidates().getFirst().worker()).isEqualTo(receipt.chosen());
  }

  @Test
  void aBurstWithOnePrefixStaysTogetherBeforeAnyEventTellsOfIt() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(8);
    int[] shared = prompt(9, 200);

    WorkerRank first = fleet.route(shared).chosen();
    RouteReceipt second = fleet.route(shared);

    assertThat(second.chosen()).isEqualTo(first);
    assertThat(second.overlap()).isEqualTo(new Overlap(0, 0, 0, 200));
    // Seven anchors and the seven blocks after the last of them stand for all.
    assertThat(fleet.router.stats().predictedBlocks()).isEqualTo(14);
  }

  @Test
  void eventsTurnPredictedBlocksIntoHeldOnes() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(3);
    WorkerRank chosen = fleet.route(prompt).chosen();
    fleet.store(chosen, prompt, 25);

    assertThat(fleet.route(prompt).overlap()).isEqualTo(new Overlap(25, 0, 0, 15));
  }

  @Test
  void slowerTiersContinueTheDevicePrefix() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(2);
    WorkerRank worker = fleet.workers.get(0);
    fleet.store(worker, prompt, 0, 10, KvTier.DEVICE);
    fleet.store(worker, prompt, 5, 18, KvTier.HOST);
    fleet.store(worker, prompt, 18, 30, KvTier.DISK);

    assertThat(candidate(fleet.route(prompt), worker).overlap())
        .isEqualTo(new Overlap(10, 8, 12, 0));
    assertThat(fleet.stats(worker).heldBlocks()).isEqualTo(35);
  }

  @Test
  void removedBlocksShortenTheOverlapAndClearedOnesEndIt() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(1);
    WorkerRank worker = fleet.workers.get(0);
    fleet.store(worker, prompt, 40);
    fleet.removeFrom(worker, prompt, 7);
    assertThat(fleet.route(prompt).overlap().held()).isEqualTo(7);

    fleet.router.apply(worker, new KvEvent.Cleared());

    assertThat(fleet.route(prompt).overlap().held()).isZero();
    assertThat(fleet.stats(worker).heldBlocks()).isZero();
    assertThat(fleet.router.stats().clears()).isEqualTo(1);
  }

  @Test
  void forgettingAndLeavingVoidWhatWasKnown() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(2);
    WorkerRank worker = fleet.workers.get(0);
    fleet.store(worker, prompt, 40);
    fleet.router.forgetBlocks(worker);
    assertThat(candidate(fleet.route(prompt), worker).overlap().held()).isZero();

    fleet.store(worker, prompt, 40);
    fleet.router.workerLeft(worker);
    fleet.router.workerJoined(worker, new WorkerProfile(Phase.AGGREGATED, BLOCK, 1, "", true));

    assertThat(candidate(fleet.route(prompt), worker).overlap().held()).isZero();
  }

  @Test
  void namespacesDoNotShareBlocks() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(2);
    fleet.store(fleet.workers.get(0), prompt, 40);

    RouteRequest plain = RouteRequest.of("r", Phase.AGGREGATED, prompt);

    assertThat(fleet.route(plain.withNamespace("tenant-1", "")).overlapBlocks()).isZero();
    assertThat(fleet.route(plain.withNamespace("", "adapter")).overlapBlocks()).isZero();
    assertThat(fleet.route(plain).overlapBlocks()).isEqualTo(40);
  }

  @Test
  void theSecondLegIsNotHashedAgain() throws Exception {
    TestFleet fleet =
        new TestFleet(RouterSettings.defaults()).join(Phase.PREFILL, 1).join(Phase.DECODE, 1);
    RouteReceipt prefill = fleet.route(RouteRequest.of("r", Phase.PREFILL, prompt));

    RouteReceipt decode =
        fleet.route(
            RouteRequest.of("r", Phase.DECODE, prompt)
                .withHashes(prefill.hashes())
                .withKvLayout("layout"));

    assertThat(prefill.steps().computeBlockHashes()).isPresent();
    assertThat(prefill.steps().computeSeqHashes()).isPresent();
    assertThat(decode.steps().computeBlockHashes()).isEmpty();
    assertThat(decode.steps().computeSeqHashes()).isEmpty();
    assertThat(decode.steps().findMatches()).isPresent();
    assertThat(decode.hashes()).isEqualTo(prefill.hashes());
    assertThat(decode.chosen()).isEqualTo(fleet.workers.get(1));
  }

  @Test
  void theStepsPartitionTheDecisionInOrder() throws Exception {
    long[] ticks = {0};
    KvRouter router =
        new KvRouter(RouterSettings.defaults(), () -> ticks[0] += 10, new SplittableRandom(1));
    router.workerJoined(
        new WorkerRank("w", 1, 0), new WorkerProfile(Phase.AGGREGATED, BLOCK, 0, "", true));

    RouteSteps steps = router.route(RouteRequest.of("r", Phase.AGGREGATED, prompt)).steps();

    long[] stamps = {
      steps.whole().startNanos(),
      steps.computeBlockHashes().orElseThrow().startNanos(),
      steps.computeBlockHashes().orElseThrow().endNanos(),
      steps.computeSeqHashes().orElseThrow().startNanos(),
      steps.computeSeqHashes().orElseThrow().endNanos(),
      steps.findMatches().orElseThrow().startNanos(),
      steps.findMatches().orElseThrow().endNanos(),
      steps.schedule().orElseThrow().startNanos(),
      steps.schedule().orElseThrow().endNanos(),
      steps.whole().endNanos()
    };
    assertThat(stamps).isSorted();
    assertThat(stamps[1]).isEqualTo(stamps[0]);
    assertThat(stamps[3]).isEqualTo(stamps[2]);
    assertThat(stamps[5]).isEqualTo(stamps[4]);
    assertThat(stamps[7]).isEqualTo(stamps[6]);
  }

  @Test
  void excludedRanksAreInTheReceiptWithTheirReason() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(4);
    fleet.router.workerRoutable(fleet.workers.get(0), false);
    fleet.router.workerJoined(
        fleet.workers.get(2), new WorkerProfile(Phase.AGGREGATED, BLOCK, 0, "other", true));

    RouteReceipt receipt =
        fleet.route(
            RouteRequest.of("r", Phase.AGGREGATED, prompt)
                .withExcluded(Set.of(fleet.workers.get(1)))
                .withKvLayout("layout"));

    assertThat(receipt.chosen()).isEqualTo(fleet.workers.get(3));
    assertThat(candidate(receipt, fleet.workers.get(0)).excluded())
        .contains(Exclusion.NOT_ROUTABLE);
    assertThat(candidate(receipt, fleet.workers.get(1)).excluded())
        .contains(Exclusion.FAILED_BEFORE);
    assertThat(candidate(receipt, fleet.workers.get(2)).excluded())
        .contains(Exclusion.OTHER_KV_LAYOUT);
    assertThat(candidate(receipt, fleet.workers.get(0)).cost()).isEmpty();
  }

  @Test
  void aWorkerMadeRoutableAgainIsChosenAgain() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(1);
    fleet.router.workerRoutable(fleet.workers.get(0), false);
    assertThatThrownBy(() -> fleet.route(prompt)).isInstanceOf(NoWorkerException.class);

    fleet.router.workerRoutable(fleet.workers.get(0), true);

    assertThat(fleet.route(prompt).chosen()).isEqualTo(fleet.workers.get(0));
  }

  @Test
  void whenNobodyCanTakeItTheErrorSaysWhyAndNothingIsReserved() {
    TestFleet fleet = TestFleet.ofAggregated(3);
    fleet.router.workerRoutable(fleet.workers.get(0), false);
    RouteRequest request =
        RouteRequest.of("r-7", Phase.AGGREGATED, prompt)
            .withExcluded(Set.copyOf(fleet.workers.subList(1, 3)));

    assertThatThrownBy(() -> fleet.route(request))
        .isInstanceOfSatisfying(
            NoWorkerException.class,
            e ->
                assertThat(e.excluded())
                    .isEqualTo(Map.of(Exclusion.NOT_ROUTABLE, 1, Exclusion.FAILED_BEFORE, 2)))
        .hasMessage(
            "request r-7: no worker for phase AGGREGATED"
                + " (all are excluded, by reason: {NOT_ROUTABLE=1, FAILED_BEFORE=2})");
    assertThatThrownBy(() -> fleet.route(RouteRequest.of("r-8", Phase.DECODE, prompt)))
        .hasMessage("request r-8: no worker for phase DECODE (none has joined)");
    assertThat(fleet.router.stats().refusals()).isEqualTo(2);
    assertThat(fleet.router.stats().activeReservations()).isZero();
  }

  @Test
  void aWorkerOfAnotherBlockSizeIsRoutedByLoadOnlyAndSaysSo() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(1);
    WorkerRank other =
        fleet.join("other", new WorkerProfile(Phase.AGGREGATED, 64, 1_000, "", true));
    fleet.store(other, prompt, 40);

    RouteReceipt receipt = fleet.route(prompt);

    assertThat(candidate(receipt, other).overlap()).isEqualTo(Overlap.NONE);
    assertThat(candidate(receipt, other).cacheView()).isEqualTo(CacheView.OTHER_BLOCK_SIZE);
    assertThat(fleet.stats(other).cacheView()).isEqualTo(CacheView.OTHER_BLOCK_SIZE);
    assertThat(fleet.router.stats().ignoredEvents()).isEqualTo(1);
  }

  @Test
  void whenTheLastWorkerOfABlockSizeLeavesThePoolTakesTheNextOnes() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(1);
    WorkerRank other = fleet.join("other", new WorkerProfile(Phase.AGGREGATED, 32, 0, "", true));
    assertThat(fleet.router.stats().blockSize()).isEqualTo(BLOCK);

    fleet.router.workerLeft(fleet.workers.get(0));

    assertThat(fleet.router.stats().blockSize()).isEqualTo(32);
    assertThat(fleet.stats(other).cacheView()).isEqualTo(CacheView.EVENTS);
    assertThat(fleet.route(prompt).hashes().orElseThrow().blockSize()).isEqualTo(32);
  }

  @Test
  void withoutAnyKnownBlockSizeNothingIsHashed() throws Exception {
    TestFleet fleet = new TestFleet(RouterSettings.defaults());
    fleet.join("openai", new WorkerProfile(Phase.AGGREGATED, 0, 0, "", false));

    RouteReceipt receipt = fleet.route(prompt);

    assertThat(receipt.hashes()).isEmpty();
    assertThat(receipt.steps().computeBlockHashes()).isEmpty();
    assertThat(receipt.steps().findMatches()).isEmpty();
    assertThat(receipt.overlapTokens()).isZero();
  }

  @Test
  void whatIsOddAboutEventsIsCountedUnderItsName() {
    TestFleet fleet = TestFleet.ofAggregated(1);
    WorkerRank worker = fleet.workers.get(0);
    KvRouter router = fleet.router;

    fleet.store(worker, prompt, 3, 5, KvTier.DEVICE);
    fleet.removeFrom(worker, prompt, 30);
    router.apply(
        worker, new KvEvent.Stored(OptionalLong.empty(), new long[2], new long[1], KvTier.DEVICE));
    router.apply(new WorkerRank("stranger", 1, 0), new KvEvent.Cleared());

    RouterStats stats = router.stats();
    assertThat(stats.unknownParents()).isEqualTo(1);
    assertThat(stats.storedBlocks()).isEqualTo(2);
    assertThat(stats.unknownRemovals()).isEqualTo(10);
    assertThat(stats.malformedEvents()).isEqualTo(1);
    assertThat(stats.ignoredEvents()).isEqualTo(1);
  }

  @Test
  void anOrphanRunAloneIsNoOverlap() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(1);
    fleet.store(fleet.workers.get(0), prompt, 3, 40, KvTier.DEVICE);

    assertThat(fleet.route(prompt).overlap().held()).isZero();
  }

  @Test
  void roundRobinTakesTurnsAmongThoseThatCanBeChosenAndHashesNothing() throws Exception {
    TestFleet fleet =
        new TestFleet(RouterSettings.defaults().withPolicy(RoutingPolicy.ROUND_ROBIN))
            .join(Phase.AGGREGATED, 3);
    List<WorkerRank> chosen = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      RouteReceipt receipt = fleet.route(prompt);
      chosen.add(receipt.chosen());
      assertThat(receipt.hashes()).isEmpty();
      assertThat(receipt.reason()).isEqualTo("its turn among 3 candidates");
    }

    assertThat(chosen.subList(0, 3)).containsExactlyElementsOf(fleet.workers);
    assertThat(chosen.subList(3, 6)).containsExactlyElementsOf(fleet.workers);
  }

  @Test
  void leastLoadedCountsRequestsOfEverybody() throws Exception {
    TestFleet fleet =
        new TestFleet(RouterSettings.defaults().withPolicy(RoutingPolicy.LEAST_LOADED))
            .join(Phase.AGGREGATED, 3);
    fleet.router.reported(fleet.workers.get(0), new ReportedLoad(2, 1, 0, 0));
    fleet.router.reported(fleet.workers.get(1), new ReportedLoad(1, 0, 0, 0));

    assertThat(fleet.route(prompt).chosen()).isEqualTo(fleet.workers.get(2));
    assertThat(fleet.route(prompt).reason())
        .isEqualTo("fewest active requests (1) among 3 candidates");
  }

  @Test
  void aReceiptHoldsTheChosenAndTheBestOfTheOthers() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(100);
    for (int i = 0; i < 100; i++) {
      fleet.router.reported(fleet.workers.get(i), new ReportedLoad(100 - i, 0, 0, 0));
    }

    RouteReceipt receipt = fleet.route(prompt);

    assertThat(receipt.candidateCount()).isEqualTo(100);
    assertThat(receipt.candidates())
        .extracting(Candidate::worker)
        .containsExactlyElementsOf(fleet.workers.reversed().subList(0, 16));
  }

  @Test
  void joiningAgainWithTheSameProfileChangesNothing() throws Exception {
    TestFleet fleet = TestFleet.ofAggregated(1);
    WorkerRank worker = fleet.workers.get(0);
    fleet.store(worker, prompt, 10);
    fleet.router.workerRoutable(worker, false);

    fleet.router.workerJoined(
        worker, new WorkerProfile(Phase.AGGREGATED, BLOCK, 10_000, "layout", true));

    assertThat(fleet.stats(worker).heldBlocks()).isEqualTo(10);
    assertThat(fleet.stats(worker).routable()).isFalse();
  }

  @Test
  void dataParallelRanksAreChosenAndKnownSeparately() throws Exception {
    TestFleet fleet = new TestFleet(RouterSettings.defaults());
    WorkerProfile profile = new WorkerProfile(Phase.AGGREGATED, BLOCK, 0, "", true);
    for (int rank = 0; rank < 4; rank++) {
      fleet.router.workerJoined(new WorkerRank("w", 7, rank), profile);
    }
    WorkerRank third = new WorkerRank("w", 7, 2);
    fleet.store(third, prompt, 40);

    assertThat(fleet.route(prompt).chosen()).isEqualTo(third);
  }
}
