package io.baton.kvrouter;

import static io.baton.kvrouter.TestFleet.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;

import io.baton.kvblocks.BlockHasher;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Conversations that all begin with the same system prompt, on eight workers in virtual time: the
 * case in which a router that follows the longest prefix sends everything to one worker.
 */
class HotSpotTest {
  private static final int WORKERS = 8;
  private static final int CONVERSATIONS = 120;
  private static final int TURNS = 6;
  private static final double TOKENS_PER_SECOND = 1_500;
  private static final int[] SYSTEM_PROMPT = TestFleet.prompt(0, 32);

  @Test
  void aSharedSystemPromptIsNoHotSpotAndConversationsStayTogether() throws Exception {
    Outcome cost = new Simulation(RoutingPolicy.KV).run();
    Outcome roundRobin = new Simulation(RoutingPolicy.ROUND_ROBIN).run();

    assertThat(cost.busiestOverMean()).isLessThan(1.25);
    assertThat(cost.hitRate()).isGreaterThan(0.6).isGreaterThan(2 * roundRobin.hitRate());
    assertThat(cost.meanWaitSeconds()).isLessThan(roundRobin.meanWaitSeconds() / 2);
  }

  @Test
  void decodeWorkersWithFewLongRequestsDoNotTakeAllTheShortOnes() throws Exception {
    TestFleet fleet = new TestFleet(RouterSettings.defaults()).join(Phase.DECODE, 5);
    Map<WorkerRank, Integer> chosen = new HashMap<>();
    RandomGenerator random = new SplittableRandom(5);
    Queue<Reservation> running = new ArrayDeque<>();
    for (int i = 0; i < 2_000; i++) {
      int blocks = random.nextInt(10) == 0 ? 400 : 2;
      RouteReceipt receipt =
          fleet.route(RouteRequest.of("r", Phase.DECODE, TestFleet.prompt(i, blocks)));
      chosen.merge(receipt.chosen(), 1, Integer::sum);
      running.add(receipt.reservation());
      if (running.size() > 100) {
        running.remove().release();
      }
    }

    assertThat(chosen).hasSize(5);
    assertThat(chosen.values()).allSatisfy(count -> assertThat(count).isBetween(300, 500));
  }

  /**
   * What a run came to.
   *
   * @param busiestOverMean computed tokens of the busiest worker, over the mean
   * @param hitRate share of prompt tokens that were not computed
   * @param meanWaitSeconds from arrival to the end of prefill
   */
  private record Outcome(double busiestOverMean, double hitRate, double meanWaitSeconds) {}

  /** Workers compute one prompt after the other and never evict. */
  private static final class Simulation {
    private record Prompt(long arrivalNanos, int[] tokens) {}

    private record Event(long nanos, Runnable action) {}

    private static final class Worker {
      final Queue<Runnable> waiting = new ArrayDeque<>();
      final Set<Long> cache = new HashSet<>();
      boolean busy;
      long computedTokens;
    }

    private final TestFleet fleet;
    private final Map<WorkerRank, Worker> workers = new HashMap<>();
    private final PriorityQueue<Event> events =
        new PriorityQueue<>(Comparator.comparingLong(Event::nanos));
    private long promptTokens;
    private long hitTokens;
    private long waitedNanos;
    private int finished;

    Simulation(RoutingPolicy policy) {
      fleet =
          new TestFleet(RouterSettings.defaults().withPolicy(policy))
              .join(Phase.AGGREGATED, WORKERS);
      fleet.workers.forEach(worker -> workers.put(worker, new Worker()));
    }

    Outcome run() {
      for (Prompt prompt : conversations()) {
        events.add(new Event(prompt.arrivalNanos, () -> arrive(prompt)));
      }
      while (!events.isEmpty()) {
        Event event = events.remove();
        fleet.now = event.nanos;
        event.action.run();
      }
      long busiest = workers.values().stream().mapToLong(w -> w.computedTokens).max().orElseThrow();
      long computed = workers.values().stream().mapToLong(w -> w.computedTokens).sum();
      return new Outcome(
          (double) busiest * WORKERS / computed,
          (double) hitTokens / promptTokens,
          waitedNanos / 1e9 / finished);
    }

    private void arrive(Prompt prompt) {
      RouteReceipt receipt;
      try {
        receipt = fleet.route(prompt.tokens);
      } catch (NoWorkerException e) {
        throw new AssertionError(e);
      }
      Worker worker = Objects.requireNonNull(workers.get(receipt.chosen()));
      worker.waiting.add(() -> prefill(prompt, receipt, worker));
      startNext(worker);
    }

    private static void startNext(Worker worker) {
      if (!worker.busy && !worker.waiting.isEmpty()) {
        worker.busy = true;
        worker.waiting.remove().run();
      }
    }

    private void prefill(Prompt prompt, RouteReceipt receipt, Worker worker) {
      long[] sequence = new BlockHasher(BLOCK).hash(prompt.tokens).sequence();
      long hit = BLOCK * Arrays.stream(sequence).takeWhile(worker.cache::contains).count();
      long computed = Math.max(1, prompt.tokens.length - hit);
      promptTokens += prompt.tokens.length;
      hitTokens += hit;
      worker.computedTokens += computed;
      long end = fleet.now + (long) (1e9 * computed / TOKENS_PER_SECOND);
      events.add(
          new Event(
              end,
              () -> {
                Arrays.stream(sequence).forEach(worker.cache::add);
                fleet.store(receipt.chosen(), prompt.tokens, sequence.length);
                receipt.reservation().release();
                waitedNanos += end - prompt.arrivalNanos;
                finished++;
                worker.busy = false;
                startNext(worker);
              }));
    }

    /** Each turn repeats all before it; turns of a conversation are about ten seconds apart. */
    private static List<Prompt> conversations() {
      SplittableRandom random = new SplittableRandom(3);
      List<Prompt> prompts = new ArrayList<>();
      for (int conversation = 0; conversation < CONVERSATIONS; conversation++) {
        long arrival = (long) (random.nextDouble(30) * 1e9);
        int[] tokens = SYSTEM_PROMPT;
        for (int turn = 0; turn < TURNS; turn++) {
          int[] said = TestFleet.prompt(1 + conversation * TURNS + turn, random.nextInt(20, 120));
          int before = tokens.length;
          tokens = Arrays.copyOf(tokens, before + said.length);
          System.arraycopy(said, 0, tokens, before, said.length);
          prompts.add(new Prompt(arrival, tokens));
          arrival += (long) (random.nextDouble(5, 15) * 1e9);
        }
      }
      return prompts;
    }
  }
}
