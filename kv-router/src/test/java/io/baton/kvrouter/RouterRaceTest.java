package io.baton.kvrouter;

import static io.baton.kvrouter.TestFleet.BLOCK;
import static io.baton.kvrouter.TestFleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.kvblocks.KvTier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
          RouterSettings.defaults()
              .withCapacities(4_000, 200)
              .withPredictionTtl(Duration.ofMillis(1)));

  private final AtomicBoolean done = new AtomicBoolean();
  private final Queue<String> lies = new ConcurrentLinkedQueue<>();
  private final Semaphore decided = new Semaphore(0);

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
        readers.add(threads.submit(route(steady, swinging)));
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

    assertThat(lies).isEmpty();
    assertThat(fleet.router.stats().activeReservations()).isZero();
  }

  private Callable<Void> route(WorkerRank steady, WorkerRank swinging) {
    return () -> {
      while (!done.get() && lies.isEmpty()) {
        routeOnce(steady, swinging);
      }
      return null;
    };
  }

  private void routeOnce(WorkerRank steady, WorkerRank swinging) throws NoWorkerException {
    RouteReceipt receipt = fleet.route(prompt);
    receipt.reservation().release();
    for (Candidate candidate : receipt.candidates()) {
      int held = candidate.overlap().held();
      if (held > mostHeld(candidate.worker(), steady, swinging)) {
        lies.add(candidate.toString());
      }
    }
    decided.release();
  }

  /** At its limit the index may forget, so it can show less, never more. */
  private static int mostHeld(WorkerRank worker, WorkerRank steady, WorkerRank swinging) {
    if (worker.equals(steady)) {
      return 20;
    }
    // Odd lives of the mortal hold nothing; even ones had their place in the index before.
    boolean evenLife = worker.workerId().equals("mortal") && worker.incarnation() % 2 == 0;
    return worker.equals(swinging) || evenLife ? BLOCKS : 0;
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

  /** Long enough that at least one decision begins and ends in between. */
  private void awaitDecisions() throws InterruptedException {
    decided.drainPermits();
    while (lies.isEmpty() && !decided.tryAcquire(3, 100, TimeUnit.MILLISECONDS)) {
      // Routing threads wait for a CPU.
    }
  }

  private Callable<Void> liveAndDie() {
    return () -> {
      for (int life = 0; life < 3_000; life++) {
        WorkerRank worker = new WorkerRank("mortal", life, 0);
        fleet.router.workerJoined(worker, PROFILE);
        if (life % 2 == 0) {
          fleet.store(worker, prompt, BLOCKS);
        }
        awaitDecisions();
        fleet.router.workerLeft(worker);
      }
      return null;
    };
  }
}
