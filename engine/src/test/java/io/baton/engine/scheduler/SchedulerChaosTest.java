package io.baton.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.bridge.FinishReason;
import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.engine.RecordingSink;
import io.baton.engine.backend.StepBatch;
import io.baton.engine.backend.sim.SimBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of random arrivals, cancels, retracts and broken handoffs in virtual time: no block is
 * lost, no request is lost, and every answer is what it would have been alone.
 */
class SchedulerChaosTest {
  private static final int REQUESTS = 3_000;
  private static final int LONGEST = 100;

  /** A request and what came of it. */
  private record Asked(TokenRequest request, List<RecordingSink> sinks, boolean cancelled) {}

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void aggregated(long seed) {
    new Chaos(seed, false).run();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {11, 12, 13, 14})
  void disaggregated(long seed) {
    new Chaos(seed, true).run();
  }

  private static final class Chaos {
    private final SplittableRandom random;
    private final VirtualTime time = new VirtualTime();
    private final List<VirtualEngine> prefills = new ArrayList<>();
    private final List<VirtualEngine> decodes = new ArrayList<>();
    private final List<Asked> asked = new ArrayList<>();
    private final List<int[]> beginnings = new ArrayList<>();
    private final boolean disaggregated;

    Chaos(long seed, boolean disaggregated) {
      this.random = new SplittableRandom(seed);
      this.disaggregated = disaggregated;
      var handoff = new VirtualHandoff(time, random.split(), 0.1);
      int engines = disaggregated ? 2 : 1;
      for (int i = 0; i < engines; i++) {
        int drafts = random.nextInt(4);
        int budget = 4 + random.nextInt(60);
        var limits = VirtualEngine.limits(budget, drafts);
        decodes.add(new VirtualEngine(time, handoff, 40 + random.nextInt(60), 30, limits));
        if (disaggregated) {
          prefills.add(new VirtualEngine(time, handoff, 40 + random.nextInt(60), 0, limits));
        }
      }
      for (int i = 0; i < 6; i++) {
        beginnings.add(random.ints(5 + random.nextInt(30), 0, VirtualEngine.VOCABULARY).toArray());
      }
    }

    void run() {
      scheduleNextArrival(REQUESTS);
      boolean worked = true;
      while (time.hasEvents() || worked) {
        worked = false;
        for (VirtualEngine engine : engines()) {
          time.runDue();
          worked |= engine.step();
        }
        if (!worked) {
          time.skipToNext();
        }
      }
      verify();
    }

    private List<VirtualEngine> engines() {
      var all = new ArrayList<>(decodes);
      all.addAll(prefills);
      return all;
    }

    private void scheduleNextArrival(int left) {
      if (left == 0) {
        return;
      }
      // Bursts, so that queues build up and blocks run out.
      long gap = random.nextInt(10) < 8 ? 200_000 : 60_000_000;
      time.after(
          gap,
          () -> {
            arrive(left);
            scheduleNextArrival(left - 1);
          });
    }

    private void arrive(int number) {
      TokenRequest request = request();
      var sinks = new ArrayList<RecordingSink>();
      boolean cancel = random.nextInt(5) == 0;
      if (disaggregated) {
        var meeting = Optional.of(new Handoff(number, "", 0, new byte[0]));
        submit(decodes, request, Leg.DECODE, meeting, sinks, cancel && random.nextBoolean());
        submit(prefills, request, Leg.PREFILL, meeting, sinks, cancel && random.nextBoolean());
      } else {
        submit(decodes, request, Leg.AGGREGATED, Optional.empty(), sinks, cancel);
      }
      asked.add(new Asked(request, sinks, cancel));
    }

    private TokenRequest request() {
      int[] beginning = beginnings.get(random.nextInt(beginnings.size()));
      int[] own = random.ints(random.nextInt(20), 0, VirtualEngine.VOCABULARY).toArray();
      int[] prompt = new int[beginning.length + own.length];
      System.arraycopy(beginning, 0, prompt, 0, beginning.length);
      System.arraycopy(own, 0, prompt, beginning.length, own.length);
      String salt = random.nextInt(4) == 0 ? "tenant-" + random.nextInt(2) : "";
      return new TokenRequest(
          Leg.AGGREGATED,
          prompt,
          Sampling.GREEDY,
          1 + random.nextInt(30),
          new int[0],
          false,
          salt,
          "",
          random.nextInt(3),
          Optional.empty());
    }

    private void submit(
        List<VirtualEngine> engines,
        TokenRequest request,
        Leg leg,
        Optional<Handoff> handoff,
        List<RecordingSink> sinks,
        boolean cancel) {
      VirtualEngine engine = engines.get(random.nextInt(engines.size()));
      var sink = new RecordingSink();
      sinks.add(sink);
      var legRequest =
          new TokenRequest(
              leg,
              request.tokenIds(),
              request.sampling(),
              request.maxTokens(),
              request.stopTokenIds(),
              false,
              request.cacheSalt(),
              "",
              request.priority(),
              handoff);
      int prompt = request.tokenIds().length;
      int answer = leg == Leg.PREFILL ? 1 : request.maxTokens();
      var sequence =
          new Sequence(
              legRequest,
              leg + "-" + asked.size(),
              sink,
              null,
              null,
              new int[0],
              Math.min(LONGEST, prompt + answer),
              7,
              time.now());
      engine.scheduler.submit(sequence);
      if (cancel) {
        time.after(random.nextLong(60_000_000), () -> engine.scheduler.cancel(sequence));
      }
    }

    private void verify() {
      assertThat(asked).hasSize(REQUESTS);
      int whole = 0;
      for (Asked one : asked) {
        for (RecordingSink sink : one.sinks()) {
          assertThat(sink.ends()).as("ends").isEqualTo(1);
        }
        RecordingSink answer = one.sinks().getFirst();
        int[] expected = alone(one.request());
        int[] got = answer.tokens();
        assertThat(got).isEqualTo(Arrays.copyOf(expected, got.length));
        boolean complete = got.length == expected.length;
        whole += complete ? 1 : 0;
        if (!disaggregated && !one.cancelled()) {
          assertThat(complete).isTrue();
          assertThat(answer.finish().reason()).isEqualTo(FinishReason.LENGTH);
        }
      }
      assertThat(whole).isGreaterThan(REQUESTS / 2);
      for (VirtualEngine engine : engines()) {
        assertThat(engine.scheduler.empty()).isTrue();
        assertThat(engine.pool.used()).isZero();
      }
      assertThat(decodes.getFirst().counters.retracts.sum()).isPositive();
      assertThat(decodes.getFirst().pool.loaded()).isPositive();
    }
  }

  /** The answer of a simulated model that does nothing else. */
  private static int[] alone(TokenRequest request) {
    int[] prompt = request.tokenIds();
    var backend =
        new SimBackend(
            io.baton.engine.EngineSettings.SimTiming.INSTANT,
            nanos -> {},
            LONGEST,
            1,
            0,
            VirtualEngine.VOCABULARY,
            Set.of(),
            "test");
    var batch = new StepBatch();
    int count = Math.min(LONGEST - prompt.length, request.maxTokens());
    var answer = new int[count];
    int length = 0;
    for (int i = 0; i < count; i++) {
      batch.clear();
      batch.addSequence(new int[1]);
      for (; length < prompt.length + i; length++) {
        batch.addRow(length < prompt.length ? prompt[length] : answer[i - 1], length);
      }
      batch.wantLogits();
      backend.execute(batch, layer -> {});
      answer[i] = backend.argmax(0);
    }
    return answer;
  }
}
