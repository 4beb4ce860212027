package io.baton.kvrouter;

import static io.baton.kvrouter.TestFleet.BLOCK;
import static io.baton.kvrouter.TestFleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.kvblocks.BlockHasher;
import io.baton.kvblocks.BlockHashes;
import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any history of a fleet, beside the plainest model of it: what each worker holds of each prompt,
 * and which legs run. Events come twice, in another order than their prompts, and not at all, which
 * ends in a snapshot as it does in the gateway; workers lose tails, clear their caches, restart and
 * leave; legs end, are cancelled, crash with their workers and migrate.
 */
class RouterHistoryTest {
  private static final int PROMPTS = 12;
  private static final int BLOCKS = 30;
  private static final int WORKERS = 5;

  private final TestFleet fleet =
      new TestFleet(RouterSettings.defaults().withPredictionTtl(Duration.ZERO));

  /** Leading blocks of each prompt that a worker holds, by worker. */
  private final Map<WorkerRank, int[]> held = new HashMap<>();

  private final List<Leg> legs = new ArrayList<>();
  private int life;

  private record Leg(int prompt, RouteReceipt receipt) {}

  static IntStream seeds() {
    return IntStream.range(0, 40);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyReceiptSaysWhatTheWorkersHoldAndNothingIsLeftReserved(int seed) throws Exception {
    var random = new SplittableRandom(seed);
    for (int i = 0; i < WORKERS; i++) {
      begin("w" + i);
    }
    for (int step = 0; step < 400; step++) {
      fleet.now += random.nextLong(50_000_000);
      happen(random);
      assertTheFiguresAreThoseOfTheModel(random.nextInt(PROMPTS));
    }

    legs.forEach(leg -> leg.receipt.reservation().release());
    RouterStats stats = fleet.router.stats();
    assertThat(stats.activeReservations()).isZero();
    assertThat(stats.indexBlocks()).isLessThanOrEqualTo(stats.indexCapacity());
    for (RouterStats.Rank rank : stats.ranks()) {
      assertThat(rank.ownReservations() + rank.ownPrefillTokens() + rank.ownKvTokens()).isZero();
    }
  }

  private void happen(SplittableRandom random) throws NoWorkerException {
    WorkerRank worker = pick(random, List.copyOf(held.keySet()));
    int prompt = random.nextInt(PROMPTS);
    switch (random.nextInt(20)) {
      case 0 -> restart(worker);
      case 1 -> clear(worker);
      case 2 -> loseEventsAndGetASnapshot(random, worker);
      case 3, 4, 5, 6 -> evictTail(random, worker, prompt);
      case 7, 8, 9, 10, 11 -> store(random, worker, prompt);
      case 12, 13, 14, 15 -> legs.add(new Leg(prompt, fleet.route(request(prompt))));
      default -> endOrMigrate(random);
    }
  }

  private void begin(String id) {
    var worker = new WorkerRank(id, ++life, 0);
    fleet.router.workerJoined(worker, new WorkerProfile(Phase.AGGREGATED, BLOCK, 10_000, "", true));
    held.put(worker, new int[PROMPTS]);
  }

  /** Its legs go on elsewhere; what was known of its cache is void. */
  private void restart(WorkerRank worker) throws NoWorkerException {
    fleet.router.workerLeft(worker);
    held.remove(worker);
    begin(worker.workerId());
    List<Leg> crashed = legs.stream().filter(leg -> leg.receipt.chosen().equals(worker)).toList();
    for (Leg leg : crashed) {
      migrate(leg);
    }
  }

  private void migrate(Leg leg) throws NoWorkerException {
    legs.remove(leg);
    leg.receipt.reservation().output(7);
    leg.receipt.reservation().release();
    legs.add(new Leg(leg.prompt, fleet.route(request(leg.prompt))));
  }

  private void endOrMigrate(SplittableRandom random) throws NoWorkerException {
    if (legs.isEmpty()) {
      return;
    }
    Leg leg = legs.get(random.nextInt(legs.size()));
    Reservation reservation = leg.receipt.reservation();
    if (random.nextBoolean()) {
      reservation.prefillDone();
    }
    reservation.output(random.nextInt(50));
    switch (random.nextInt(4)) {
      case 0 -> migrate(leg);
      case 1 -> {
        reservation.finished();
        reservation.release();
        legs.remove(leg);
      }
      case 2 -> {
        reservation.release();
        reservation.prefillDone();
        reservation.output(3);
        legs.remove(leg);
      }
      default -> {
        // Goes on.
      }
    }
  }

  private void clear(WorkerRank worker) {
    fleet.router.apply(worker, new KvEvent.Cleared());
    Arrays.fill(model(worker), 0);
  }

  private void store(SplittableRandom random, WorkerRank worker, int prompt) {
    int from = model(worker)[prompt];
    int to = from + random.nextInt(BLOCKS - from + 1);
    if (from == to) {
      return;
    }
    int middle = random.nextInt(from, to);
    List<KvEvent> events = new ArrayList<>(List.of(stored(prompt, from, middle)));
    events.add(stored(prompt, middle, to));
    if (random.nextInt(4) == 0) {
      events.add(stored(prompt, from, middle));
    }
    if (random.nextInt(4) == 0) {
      events = events.reversed();
    }
    events.forEach(event -> fleet.router.apply(worker, event));
    model(worker)[prompt] = to;
  }

  private void evictTail(SplittableRandom random, WorkerRank worker, int prompt) {
    int from = random.nextInt(model(worker)[prompt] + 1);
    fleet.removeFrom(worker, tokens(prompt), from);
    model(worker)[prompt] = from;
  }

  /** What the gateway does after a gap: forget, then all that the worker has. */
  private void loseEventsAndGetASnapshot(SplittableRandom random, WorkerRank worker) {
    for (int prompt = 0; prompt < PROMPTS; prompt++) {
      model(worker)[prompt] = random.nextInt(BLOCKS + 1);
    }
    fleet.router.forgetBlocks(worker);
    for (int prompt = 0; prompt < PROMPTS; prompt++) {
      fleet.router.apply(worker, stored(prompt, 0, model(worker)[prompt]));
    }
  }

  private void assertTheFiguresAreThoseOfTheModel(int prompt) throws NoWorkerException {
    for (Candidate candidate : fleet.router.explain(request(prompt)).candidates()) {
      assertThat(candidate.overlap().held()).isEqualTo(model(candidate.worker())[prompt]);
      long running =
          legs.stream().filter(leg -> leg.receipt.chosen().equals(candidate.worker())).count();
      assertThat(candidate.activeRequests()).isEqualTo(running);
    }
    assertThat(fleet.router.stats().activeReservations()).isEqualTo(legs.size());
  }

  private int[] model(WorkerRank worker) {
    return held.getOrDefault(worker, new int[PROMPTS]);
  }

  private static KvEvent.Stored stored(int prompt, int from, int to) {
    BlockHashes hashes = new BlockHasher(BLOCK).hash(tokens(prompt));
    return new KvEvent.Stored(
        from == 0 ? OptionalLong.empty() : OptionalLong.of(hashes.sequence()[from - 1]),
        Arrays.copyOfRange(hashes.sequence(), from, to),
        Arrays.copyOfRange(hashes.local(), from, to),
        KvTier.DEVICE);
  }

  private static RouteRequest request(int prompt) {
    return RouteRequest.of("r", Phase.AGGREGATED, tokens(prompt));
  }

  private static int[] tokens(int prompt) {
    return prompt(prompt, BLOCKS);
  }

  private static WorkerRank pick(SplittableRandom random, List<WorkerRank> workers) {
    List<WorkerRank> sorted =
        workers.stream().sorted((a, b) -> Long.compare(a.incarnation(), b.incarnation())).toList();
    return sorted.get(random.nextInt(sorted.size()));
  }
}
