package io.baton.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.engine.RecordingSink;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What one scheduler promises, step by step, in virtual time. */
class SchedulerTest {
  private final VirtualTime time = new VirtualTime();
  private final SplittableRandom random = new SplittableRandom(1);
  private int submitted;

  private VirtualEngine engine(int blocks, SchedulerLimits limits) {
    return new VirtualEngine(time, new VirtualHandoff(time, random, 0), blocks, 0, limits);
  }

  private RecordingSink submit(VirtualEngine engine, int prompt, int maxTokens, int priority) {
    return submit(
        engine, random.ints(prompt, 0, VirtualEngine.VOCABULARY).toArray(), maxTokens, priority);
  }

  private RecordingSink submit(VirtualEngine engine, int[] prompt, int maxTokens, int priority) {
    var sink = new RecordingSink();
    var request =
        new TokenRequest(
            Leg.AGGREGATED,
            prompt,
            Sampling.GREEDY,
            maxTokens,
            new int[0],
            false,
            "",
            "",
            priority,
            Optional.empty());
    engine.scheduler.submit(
        new Sequence(
            request,
            "rid-" + submitted++,
            sink,
            null,
            null,
            new int[0],
            prompt.length + maxTokens,
            7,
            time.now()));
    return sink;
  }

  private static void runToEnd(VirtualEngine engine) {
    while (engine.step()) {
      // Until there is nothing to do.
    }
  }

  @Test
  void whoArrivesInMidDecodeGetsItsFirstTokenBeforeTheOtherEnds() {
    VirtualEngine engine = engine(100, VirtualEngine.limits(32, 0));
    RecordingSink first = submit(engine, 20, 50, 0);
    while (first.tokens().length < 10) {
      engine.step();
    }
    RecordingSink second = submit(engine, 20, 50, 0);
    engine.step();
    assertThat(second.tokens()).hasSize(1);
    assertThat(first.hasEnded()).isFalse();
    runToEnd(engine);
    assertThat(first.hasEnded()).isTrue();
    assertThat(second.hasEnded()).isTrue();
    long tokens = engine.counters.generatedTokens.sum();
    assertThat(tokens).isEqualTo(100);
    assertThat(engine.counters.steps.sum()).isLessThan(tokens);
  }

  @Test
  void tokensComputedFallByExactlyTheCachedTokens() {
    VirtualEngine engine = engine(100, VirtualEngine.limits(1000, 0));
    int[] prompt = random.ints(43, 0, VirtualEngine.VOCABULARY).toArray();
    submit(engine, prompt, 5, 0);
    runToEnd(engine);
    assertThat(engine.counters.prefillTokens.sum()).isEqualTo(43);
    RecordingSink warm = submit(engine, prompt, 5, 0);
    runToEnd(engine);
    // The last, partial block took in answer tokens; ten whole blocks of the prompt remain.
    assertThat(warm.finish().cachedTokens()).isEqualTo(40);
    assertThat(engine.counters.prefillTokens.sum()).isEqualTo(43 + 43 - 40);
    assertThat(engine.counters.cachedTokens.sum()).isEqualTo(40);
  }

  @Test
  void generatedTokensAreReusedByTheNextTurn() {
    VirtualEngine engine = engine(100, VirtualEngine.limits(1000, 0));
    int[] prompt = random.ints(10, 0, VirtualEngine.VOCABULARY).toArray();
    RecordingSink turn = submit(engine, prompt, 31, 0);
    runToEnd(engine);
    int[] next = new int[10 + 31 + 5];
    System.arraycopy(prompt, 0, next, 0, 10);
    System.arraycopy(turn.tokens(), 0, next, 10, 31);
    RecordingSink second = submit(engine, next, 2, 0);
    runToEnd(engine);
    // 40 tokens have KV: the last one of the answer was never computed.
    assertThat(second.finish().cachedTokens()).isEqualTo(40);
  }

  @Test
  void atLeastTheLastPromptTokenIsComputed() {
    VirtualEngine engine = engine(100, VirtualEngine.limits(1000, 0));
    int[] prompt = random.ints(40, 0, VirtualEngine.VOCABULARY).toArray();
    submit(engine, prompt, 5, 0);
    runToEnd(engine);
    RecordingSink warm = submit(engine, prompt, 5, 0);
    runToEnd(engine);
    assertThat(warm.finish().cachedTokens()).isEqualTo(36);
  }

  @Test
  void aLongPromptDoesNotHoldUpAnswersUnderWay() {
    VirtualEngine engine = engine(1000, VirtualEngine.limits(16, 0));
    RecordingSink answer = submit(engine, 4, 100, 0);
    engine.step();
    submit(engine, 1600, 1, 0);
    long longest = 0;
    for (int before = answer.tokens().length; !answer.hasEnded(); ) {
      long start = time.now();
      engine.step();
      longest = Math.max(longest, time.now() - start);
      assertThat(answer.tokens().length).isEqualTo(++before);
    }
    // Base of both kinds and 16 rows, whatever the prompt's length.
    assertThat(longest).isLessThan(TimeUnit.MICROSECONDS.toNanos(3_500));
  }

  @Test
  void aShortPromptBehindALongOneDoesNotWaitForAllOfIt() {
    VirtualEngine engine = engine(1000, VirtualEngine.limits(32, 0));
    RecordingSink slow = submit(engine, 1000, 1, 0);
    engine.step();
    RecordingSink quick = submit(engine, 40, 1, 0);
    int steps = 0;
    while (!quick.hasEnded()) {
      engine.step();
      steps++;
    }
    assertThat(steps).isLessThanOrEqualTo(3);
    assertThat(slow.hasEnded()).isFalse();
    runToEnd(engine);
    assertThat(slow.hasEnded()).isTrue();
  }

  @Test
  void priorityGoesFirstButNobodyWaitsForEver() {
    var one = new SchedulerLimits(4, 1, 64, true, 0, 2, TimeUnit.MILLISECONDS.toNanos(200));
    VirtualEngine engine = engine(100, one);
    submit(engine, 8, 4, 0);
    engine.step();
    RecordingSink low = submit(engine, 8, 4, 0);
    RecordingSink high = submit(engine, 8, 4, 5);
    while (!high.hasEnded()) {
      engine.step();
    }
    assertThat(low.tokens()).isEmpty();
    // A stream of important requests: the old one gets its turn after enough waiting.
    int served = 0;
    while (!low.hasEnded()) {
      RecordingSink important = submit(engine, 8, 4, 5);
      while (!important.hasEnded() && !low.hasEnded()) {
        engine.step();
      }
      served++;
      assertThat(served).isLessThan(500);
    }
    assertThat(served).isGreaterThan(10);
  }

  @Test
  void theLowestInRankGivesItsBlocksBackAndGoesOnLater() {
    VirtualEngine engine = engine(20, VirtualEngine.limits(64, 0));
    RecordingSink important = submit(engine, 10, 40, 1);
    RecordingSink other = submit(engine, 10, 40, 0);
    runToEnd(engine);
    assertThat(engine.counters.retracts.sum()).isPositive();
    assertThat(important.tokens()).hasSize(40);
    assertThat(other.tokens()).hasSize(40);
    assertThat(engine.pool.used()).isZero();
  }

  @Test
  void saltsShareNothing() {
    VirtualEngine engine = engine(100, VirtualEngine.limits(64, 0));
    int[] prompt = random.ints(20, 0, VirtualEngine.VOCABULARY).toArray();
    for (String salt : new String[] {"", "a", "b", "a"}) {
      var sink = new RecordingSink();
      var request =
          new TokenRequest(
              Leg.AGGREGATED,
              prompt,
              Sampling.GREEDY,
              2,
              new int[0],
              false,
              salt,
              "",
              0,
              Optional.empty());
      engine.scheduler.submit(
          new Sequence(
              request, "s" + submitted++, sink, null, null, new int[0], 22, 7, time.now()));
      runToEnd(engine);
      boolean again = submitted == 4;
      assertThat(sink.finish().cachedTokens()).isEqualTo(again ? 16 : 0);
    }
  }
}
