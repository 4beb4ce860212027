package io.baton.kvrouter;

import static io.baton.kvrouter.TestFleet.BLOCK;
import static io.baton.kvrouter.TestFleet.candidate;
import static io.baton.kvrouter.TestFleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A full worker is not chosen, and whoever waits for room is told that room is what is missing. */
class CapacityTest {
  private static final long PLENTY = 1_000_000;

  private final TestFleet fleet = TestFleet.ofAggregated(2);
  private final WorkerRank one = fleet.workers.get(0);
  private final WorkerRank other = fleet.workers.get(1);
  private final int[] prompt = prompt(1, 40);

  @Test
  void aWorkerWithoutRoomIsNotChosenWhateverItsCacheHolds() throws Exception {
    fleet.store(one, prompt, 40);
    fleet.router.capacity(one, new WorkerCapacity(0, PLENTY, 0));

    RouteReceipt receipt = fleet.route(prompt);

    assertThat(receipt.chosen()).isEqualTo(other);
    assertThat(candidate(receipt, one).excluded()).contains(Exclusion.FULL);
  }

  @Test
  void legsSentSinceItSaidSoTakeItsRoomAndGiveItBackWhenTheyEnd() throws Exception {
    fleet.router.workerRoutable(other, false);
    fleet.router.capacity(one, new WorkerCapacity(2, PLENTY, 0));
    RouteReceipt first = fleet.route(prompt);
    fleet.route(prompt);

    NoWorkerException full = catchThrowableOfType(NoWorkerException.class, this::route);
    assertThat(full.allFull()).isTrue();
    assertThat(full.nothingMatches()).isFalse();
    first.reservation().release();

    assertThat(route().chosen()).isEqualTo(one);
  }

  @Test
  void legsThatItHasCountedAlreadyAreNotCountedTwice() throws Exception {
    fleet.router.workerRoutable(other, false);
    RouteReceipt counted = route();
    fleet.router.capacity(one, new WorkerCapacity(1, PLENTY, 1));

    assertThat(route().chosen()).isEqualTo(one);
    assertThat(catchThrowableOfType(NoWorkerException.class, this::route).allFull()).isTrue();
    counted.reservation().release();
    assertThat(route().chosen()).isEqualTo(one);
  }

  @Test
  void aWorkerThatWorksHasNoRoomForAPromptLongerThanItsFreeBlocks() throws Exception {
    fleet.router.workerRoutable(other, false);
    fleet.router.capacity(one, new WorkerCapacity(100, 50 * BLOCK, 0));
    route();
    int[] second = prompt(2, 40);
    assertFull(second);

    fleet.router.capacity(one, new WorkerCapacity(100, 30 * BLOCK, 1));
    assertFull(second);
    fleet.store(one, second, 20);
    assertThat(fleet.route(second).overlap().held()).isEqualTo(20);
  }

  @Test
  void anIdleWorkerGetsAPromptThatItCannotHoldSinceItAloneCanSayWhy() throws Exception {
    fleet.router.workerRoutable(other, false);
    fleet.router.capacity(one, new WorkerCapacity(100, BLOCK, 0));

    assertThat(route().chosen()).isEqualTo(one);
  }

  @Test
  void whoWouldRatherWaitThereMayGoToAFullWorker() throws Exception {
    fleet.router.capacity(one, new WorkerCapacity(0, 0, 0));
    fleet.router.capacity(other, new WorkerCapacity(0, 0, 0));

    RouteRequest request = RouteRequest.of("r", Phase.AGGREGATED, prompt);

    assertThat(fleet.route(request.withEvenFull()).chosen()).isIn(one, other);
  }

  @Test
  void fourThreadsAtOnceNeverSendMoreThanThereIsRoomFor() throws Exception {
    fleet.router.capacity(one, new WorkerCapacity(37, PLENTY, 0));
    fleet.router.capacity(other, new WorkerCapacity(5, PLENTY, 0));
    List<Future<Integer>> sent = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        sent.add(threads.submit(sendUntilFull()));
      }
      int all = 0;
      for (Future<Integer> one : sent) {
        all += one.get();
      }
      assertThat(all).isEqualTo(42);
    }
    assertThat(fleet.stats(one).ownReservations()).isEqualTo(37);
  }

  private Callable<Integer> sendUntilFull() {
    return () -> {
      for (int sent = 0; ; sent++) {
        try {
          route();
        } catch (NoWorkerException e) {
          return sent;
        }
      }
    };
  }

  @Test
  void whatNobodyCouldEverServeIsTheRequestsFaultAndNotAMatterOfRoom() {
    fleet.router.capacity(one, new WorkerCapacity(0, 0, 0));
    RouteRequest pinned = RouteRequest.of("r", Phase.AGGREGATED, prompt).withPinnedWorker("nobody");

    NoWorkerException e = catchThrowableOfType(NoWorkerException.class, () -> fleet.route(pinned));

    assertThat(e.nothingMatches()).isTrue();
    assertThat(e.excluded()).isEqualTo(Map.of(Exclusion.NOT_PINNED, 2));
  }

  private void assertFull(int[] tokens) {
    assertThat(catchThrowableOfType(NoWorkerException.class, () -> fleet.route(tokens)).allFull())
        .isTrue();
  }

  private RouteReceipt route() throws NoWorkerException {
    return fleet.route(prompt);
  }
}
