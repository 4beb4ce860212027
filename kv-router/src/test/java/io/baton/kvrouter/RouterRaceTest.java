package io.baton.kvrouter;

import static io.baton.kvrouter.TestFleet.BLOCK;
import static io.baton.kvrouter.TestFleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.kvblocks.KvTier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Two threads route one prompt while others change every cache that could be mistaken for holding
 * it. What a receipt says a worker holds must have been true at some moment of the decision.
 */
class RouterRaceTest {
  private static final int BLOCKS = 64;
  private static final WorkerProfile PROFILE =
      new WorkerProfile(Phase.AGGREGATED, BLOCK, 0, "", true);

  private final int[] prompt = prompt(1, BLOCKS);

  /** So small that tables are rebuilt, evict and sweep all the time. */
  private final TestFleet fleet =
      new TestFleet(
          new RouterSettings(
              RoutingPolicy.KV,
              1,
              0,
              0,
              0,
              0,
              0,
              0,
              1,
              0,
              false,
              4_000,
              Duration.ofMillis(1),
              200,
              100));

  private final AtomicBoolean done = new AtomicBoolean();
  private final AtomicLong routed = new AtomicLong();

  @Test
  void noReceiptShowsAnOverlapThatWasNeverThere() throws Exception {
    WorkerRank steady = fleet.join("steady", PROFILE);
    WorkerRank swinging = fleet.join("swinging", PROFILE);
    WorkerRank stranger = fleet.join("stranger", PROFILE);
    fleet.store(steady, prompt, 20);
    fleet.store(swinging, prompt, BLOCKS);

    try (ExecutorService threads = Executors.newFixedThreadPool(5)) {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        readers.add(threads.submit(route(steady, swinging, stranger)));
      }
      List<Future<?>> writers = new ArrayList<>();
      writers.add(threads.submit(swing(swinging)));
      writers.add(threads.submit(storeOtherPrompts(stranger)));
      writers.add(threads.submit(liveAndDie()));
      for (Future<?> writer : writers) {
        writer.get();
      }
      done.set(true);
      for (Future<?> reader : readers) {
        reader.get();
      }
    }

    assertThat(routed.get()).isPositive();
    assertThat(fleet.router.stats().activeReservations()).isZero();
  }

  private Callable<Void> route(WorkerRank steady, WorkerRank swinging, WorkerRank stranger) {
    return () -> {
      while (!done.get()) {
        RouteReceipt receipt = fleet.route(prompt);
        receipt.reservation().release();
        for (Candidate candidate : receipt.candidates()) {
          int held = candidate.overlap().held();
          if (candidate.worker().equals(steady)) {
            // At its limit the index may forget, so it can show less, never more.
            assertThat(held).isLessThanOrEqualTo(20);
          } else if (candidate.worker().equals(swinging)) {
            assertThat(held).isLessThanOrEqualTo(BLOCKS);
          } else if (candidate.worker().equals(stranger)) {
            assertThat(held).isZero();
          } else if (candidate.worker().incarnation() % 2 == 1) {
            // Odd lives hold nothing of the prompt; even ones held the place in the index before.
            assertThat(held).isZero();
          }
        }
        routed.incrementAndGet();
      }
      return null;
    };
  }

  private Callable<Void> swing(WorkerRank worker) {
    return () -> {
      for (int i = 0; i < 2_000; i++) {
        fleet.removeFrom(worker, prompt, 10);
        fleet.store(worker, prompt, 10, BLOCKS, KvTier.DEVICE);
      }
      return null;
    };
  }

  private Callable<Void> storeOtherPrompts(WorkerRank worker) {
    return () -> {
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < 2_000; i++) {
        fleet.store(worker, prompt(1_000 + random.nextInt(500), BLOCKS), BLOCKS);
      }
      return null;
    };
  }

  private Callable<Void> liveAndDie() {
    return () -> {
      for (int life = 0; life < 4_000; life++) {
        WorkerRank worker = new WorkerRank("mortal", life, 0);
        fleet.router.workerJoined(worker, PROFILE);
        if (life % 2 == 0) {
          fleet.store(worker, prompt, BLOCKS);
        }
        fleet.router.workerLeft(worker);
      }
      return null;
    };
  }
}
