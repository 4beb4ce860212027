package io.baton.kvrouter;

import static io.baton.kvrouter.TestFleet.BLOCK;
import static io.baton.kvrouter.TestFleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReservationTest {
  private final TestFleet fleet = TestFleet.ofAggregated(1);
  private final WorkerRank worker = fleet.workers.get(0);

  @Test
  void aLegWeighsWithItsUncachedTokensAndItsWholeKv() throws Exception {
    int[] tokens = prompt(1, 40);
    fleet.store(worker, tokens, 30);

    fleet.route(tokens);

    assertThat(fleet.stats(worker).activeRequests()).isEqualTo(1);
    assertThat(fleet.stats(worker).queuedPrefillTokens()).isEqualTo(10 * BLOCK);
    assertThat(fleet.stats(worker).decodeTokens()).isEqualTo(40 * BLOCK);
  }

  @Test
  void aPromptHeldEntirelyStillCostsItsLastToken() throws Exception {
    int[] tokens = prompt(1, 40);
    fleet.store(worker, tokens, 40);

    fleet.route(tokens);

    assertThat(fleet.stats(worker).queuedPrefillTokens()).isEqualTo(1);
  }

  @Test
  void theFirstTokenEndsTheWaitingOfThePromptAndTheReleaseTheRest() throws Exception {
    Reservation reservation = fleet.route(prompt(1, 40)).reservation();

    reservation.prefillDone();
    reservation.prefillDone();
    assertThat(fleet.stats(worker).queuedPrefillTokens()).isZero();
    assertThat(fleet.stats(worker).activeRequests()).isEqualTo(1);

    reservation.release();
    reservation.release();
    reservation.prefillDone();
    reservation.output(5);
    assertThat(fleet.stats(worker).activeRequests()).isZero();
    assertThat(fleet.stats(worker).decodeTokens()).isZero();
    assertThat(fleet.router.stats().activeReservations()).isZero();
  }

  @Test
  void outputCountsOnceItIsLongerThanExpected() throws Exception {
    RouteRequest request =
        RouteRequest.of("r", Phase.AGGREGATED, new int[0]).withExpectedOutputTokens(100);
    Reservation reservation = fleet.route(request).reservation();
    assertThat(fleet.stats(worker).decodeTokens()).isEqualTo(100);

    reservation.output(90);
    assertThat(fleet.stats(worker).decodeTokens()).isEqualTo(100);
    reservation.output(30);
    assertThat(fleet.stats(worker).decodeTokens()).isEqualTo(120);
    assertThatThrownBy(() -> reservation.output(-1)).hasMessage("tokens: -1 (expected: >= 0)");
  }

  @Test
  void aDecodeLegQueuesNoPromptTokens() throws Exception {
    TestFleet decoders = new TestFleet(RouterSettings.defaults()).join(Phase.DECODE, 1);

    decoders.route(RouteRequest.of("r", Phase.DECODE, prompt(1, 40)));

    assertThat(decoders.stats(decoders.workers.get(0)).queuedPrefillTokens()).isZero();
    assertThat(decoders.stats(decoders.workers.get(0)).decodeTokens()).isEqualTo(40 * BLOCK);
  }

  @Test
  void aReservationOutlivesItsWorkerWithoutHarm() throws Exception {
    Reservation reservation = fleet.route(prompt(1, 4)).reservation();
    fleet.router.workerLeft(worker);
    assertThat(fleet.router.stats().activeReservations()).isEqualTo(1);

    reservation.release();

    assertThat(fleet.router.stats().activeReservations()).isZero();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whateverHappensOnFourThreadsNothingIsLeftWhenAllIsReleased(long seed) throws Exception {
    TestFleet many = TestFleet.ofAggregated(5);
    SplittableRandom seeds = new SplittableRandom(seed);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> runs = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        SplittableRandom random = seeds.split();
        runs.add(threads.submit(() -> live(many, random)));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    }

    assertThat(many.router.stats().activeReservations()).isZero();
    for (RouterStats.Rank rank : many.router.stats().ranks()) {
      assertThat(rank.ownReservations()).isZero();
      assertThat(rank.activeRequests()).isZero();
      assertThat(rank.queuedPrefillTokens()).isZero();
      assertThat(rank.decodeTokens()).isZero();
    }
  }

  /** Requests come, progress, break off in any way, and all end. */
  private static Void live(TestFleet fleet, SplittableRandom random) throws NoWorkerException {
    List<Reservation> open = new ArrayList<>();
    for (int step = 0; step < 2_000; step++) {
      if (open.isEmpty() || random.nextInt(3) == 0) {
        int[] tokens = prompt(random.nextInt(20), random.nextInt(30));
        open.add(fleet.route(tokens).reservation());
        continue;
      }
      int i = random.nextInt(open.size());
      switch (random.nextInt(4)) {
        case 0 -> open.get(i).prefillDone();
        case 1 -> open.get(i).output(random.nextInt(50));
        case 2 -> open.get(i).release();
        default -> open.remove(i).release();
      }
    }
    open.forEach(Reservation::release);
    return null;
  }
}
