package io.baton.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.baton.bridge.EngineCard;
import io.baton.bridge.EngineCard.Role;
import io.baton.bridge.EngineException;
import io.baton.bridge.FinishReason;
import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.engine.EngineSettings.Cache;
import io.baton.engine.EngineSettings.DataPlane;
import io.baton.engine.EngineSettings.Limits;
import io.baton.engine.EngineSettings.SimTiming;
import io.baton.kvblocks.BlockHasher;
import io.baton.kvblocks.KvEvent;
import io.baton.telemetry.slices.SliceExporter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What whoever drives the engine relies on. */
class BuiltinEngineTest {
  private static final int[] PROMPT = {10, 11, 12, 13};

  private static BuiltinEngine start(EngineSettings settings) throws EngineStartException {
    return BuiltinEngine.start(settings, SliceExporter.OFF);
  }

  private static BuiltinEngine slowSim(Limits limits) throws EngineStartException {
    var timing =
        new SimTiming(
            Duration.ofMillis(1), Duration.ZERO, Duration.ofMillis(2), Duration.ZERO, 64, 2048);
    return start(EngineSettings.sim("sim").withSim(timing).withLimits(limits));
  }

  @Test
  void theCardSaysWhatItIs() throws EngineStartException {
    Path demo = TestModels.dir("baton-demo");
    try (var engine = start(EngineSettings.cpu(demo).withRole(Role.PREFILL))) {
      EngineCard card = engine.card();
      assertThat(card.engine()).isEqualTo("baton-cpu");
      assertThat(card.models()).containsExactly("baton-demo");
      assertThat(card.blockSize()).isEqualTo(16);
      assertThat(card.totalBlocks()).isEqualTo((256L << 20) / (16 * 2 * 6 * 2 * 32 * 4));
      assertThat(card.maxContext()).isEqualTo(2048);
      assertThat(card.eosTokenIds()).containsExactly(2, 0);
      assertThat(card.tokenizerSha256()).hasSize(64);
      assertThat(card.publishesKvEvents()).isTrue();
      assertThat(card.handoff().orElseThrow().dataPort()).isPositive();
      assertThat(engine.generationDefaults().orElseThrow().temperature()).isZero();
    }
  }

  @Test
  void anEndTokenStopsTheAnswerAndIsNotPartOfIt() throws EngineStartException {
    // The rendered "Hello" of the reference run ends by itself.
    try (var engine = start(EngineSettings.cpu(TestModels.dir("baton-demo")))) {
      var reference = GoldenCases.of("baton-demo").getFirst();
      var request =
          new TokenRequest(
              Leg.AGGREGATED,
              reference.inputIds(),
              Sampling.GREEDY,
              64,
              new int[0],
              false,
              "",
              "",
              0,
              Optional.empty());
      var sink = new RecordingSink();
      engine.generate(request, "rid", null, sink);
      var finish = sink.finish();
      int answer = reference.greedyIds().length - 1;
      assertThat(finish.reason()).isEqualTo(FinishReason.STOP);
      assertThat(finish.stopToken()).isEqualTo(reference.greedyIds()[answer]);
      assertThat(finish.completionTokens()).isEqualTo(answer + 1);
      assertThat(sink.tokens()).hasSize(answer);
      assertThat(sink.tokens()).isEqualTo(java.util.Arrays.copyOf(reference.greedyIds(), answer));
      assertThat(finish.promptTokens()).isEqualTo(reference.inputIds().length);
      assertThat(finish.queueSeconds()).isNotNegative();
      assertThat(finish.prefillSeconds()).isPositive();
      assertThat(finish.decodeSeconds()).isPositive();
    }
  }

  @Test
  void wrongRequestsAreRefusedWithWhatIsWrong() throws EngineStartException {
    try (var engine = start(EngineSettings.sim("sim").withLimits(new Limits(4, 4, 64, 100)))) {
      assertRefused(engine, Requests.greedy(new int[0], 5), "prompt: 0 tokens");
      assertRefused(engine, Requests.greedy(new int[100], 5), "prompt: 100 tokens");
      assertRefused(engine, Requests.greedy(new int[] {1, 9999}, 5), "prompt token 1: 9999");
      assertRefused(engine, Requests.greedy(PROMPT, 0), "max tokens: 0");
      assertRefused(
          engine,
          Requests.leg(Requests.greedy(PROMPT, 5), Leg.DECODE, Requests.handoff(1, 1)),
          "leg: DECODE (expected: AGGREGATED or AGGREGATED)");
    }
  }

  private static void assertRefused(BuiltinEngine engine, TokenRequest request, String words) {
    var sink = new RecordingSink();
    engine.generate(request, "rid", null, sink);
    EngineException failure = sink.failure();
    assertThat(failure.kind()).isEqualTo(EngineException.Kind.INVALID_REQUEST);
    assertThat(failure.untouched()).isTrue();
    assertThat(failure).hasMessageContaining(words);
  }

  @Test
  void theContextEndsTheAnswer() throws EngineStartException {
    try (var engine = start(EngineSettings.sim("sim").withLimits(new Limits(4, 4, 64, 20)))) {
      var sink = new RecordingSink();
      engine.generate(Requests.greedy(PROMPT, 1000), "rid", null, sink);
      assertThat(sink.finish().reason()).isEqualTo(FinishReason.LENGTH);
      assertThat(sink.tokens()).hasSize(16);
    }
  }

  @Test
  void moreRequestsThanAllowedAreRefusedAsBusy() throws EngineStartException {
    try (var engine = slowSim(new Limits(1, 2, 64, 0))) {
      var sinks = new ArrayList<RecordingSink>();
      for (int i = 0; i < 5; i++) {
        sinks.add(new RecordingSink());
        engine.generate(Requests.greedy(PROMPT, 20), "rid-" + i, null, sinks.get(i));
      }
      assertThat(sinks.get(3).failure().kind()).isEqualTo(EngineException.Kind.BUSY);
      assertThat(sinks.get(4).failure().untouched()).isTrue();
      for (int i = 0; i < 3; i++) {
        assertThat(sinks.get(i).finish().reason()).isEqualTo(FinishReason.LENGTH);
      }
    }
  }

  @Test
  void idsAreUniqueAmongRequestsInFlight() throws EngineStartException {
    try (var engine = slowSim(Limits.DEFAULT)) {
      var first = new RecordingSink();
      var second = new RecordingSink();
      engine.generate(Requests.greedy(PROMPT, 20), "rid", null, first);
      engine.generate(Requests.greedy(PROMPT, 20), "rid", null, second);
      assertThat(second.failure()).hasMessageContaining("rid runs already");
      first.finish();
      var third = new RecordingSink();
      engine.generate(Requests.greedy(PROMPT, 2), "rid", null, third);
      assertThat(third.finish().reason()).isEqualTo(FinishReason.LENGTH);
    }
  }

  @Test
  void cancelStopsARequestWhereverItIs() throws EngineStartException {
    try (var engine = slowSim(new Limits(1, 10, 64, 0))) {
      var runs = new RecordingSink();
      var waits = new RecordingSink();
      engine.generate(Requests.greedy(PROMPT, 10_000), "runs", null, runs);
      engine.generate(Requests.greedy(PROMPT, 10_000), "waits", null, waits);
      await().until(() -> runs.tokens().length > 3);
      engine.cancel("waits");
      engine.cancel("nobody");
      assertThat(waits.finish().reason()).isEqualTo(FinishReason.ABORT);
      engine.cancel("runs");
      assertThat(runs.finish().reason()).isEqualTo(FinishReason.ABORT);
      await().until(() -> engine.stats().usedBlocks() == 0);
    }
  }

  @Test
  void aRequestThatIsCancelledAtOnceStillEndsOnce() throws EngineStartException {
    try (var engine = slowSim(Limits.DEFAULT)) {
      for (int i = 0; i < 200; i++) {
        var sink = new RecordingSink();
        engine.generate(Requests.greedy(PROMPT, 500), "rid" + i, null, sink);
        engine.cancel("rid" + i);
        assertThat(sink.finish().reason()).isEqualTo(FinishReason.ABORT);
        assertThat(sink.ends()).isEqualTo(1);
      }
    }
  }

  @Test
  void closingEndsWhatRunsAndRefusesWhatComes() throws EngineStartException {
    var engine = slowSim(Limits.DEFAULT);
    var sink = new RecordingSink();
    engine.generate(Requests.greedy(PROMPT, 10_000), "rid", null, sink);
    engine.close();
    assertThat(sink.finish().reason()).isEqualTo(FinishReason.ABORT);
    var late = new RecordingSink();
    engine.generate(Requests.greedy(PROMPT, 1), "late", null, late);
    assertThat(late.failure().kind()).isEqualTo(EngineException.Kind.ENGINE);
    engine.close();
  }

  @Test
  void eventsNameWhatIsCachedAndTheSnapshotAgrees() throws EngineStartException {
    var settings = EngineSettings.sim("sim").withCache(new Cache(2, 100, 0, 0, true));
    try (var engine = start(settings)) {
      List<KvEvent> heard = Collections.synchronizedList(new ArrayList<>());
      engine.onKvEvents((rank, first, events) -> heard.addAll(events));
      var sink = new RecordingSink();
      engine.generate(Requests.greedy(new int[] {1, 2, 3, 4, 5}, 1), "rid", null, sink);
      sink.finish();
      await().until(() -> !heard.isEmpty());
      var stored = (KvEvent.Stored) heard.getFirst();
      var hashes = new BlockHasher(2).hash(new int[] {1, 2, 3, 4, 5});
      assertThat(stored.parent()).isEmpty();
      assertThat(stored.sequenceHashes()).isEqualTo(hashes.sequence());
      assertThat(stored.localHashes()).isEqualTo(hashes.local());
      var snapshot = engine.kvSnapshot(0);
      assertThat(snapshot.asOfEventId()).isEqualTo(1);
      assertThat(snapshot.stored()).hasSize(2);
      assertThat(snapshot.stored().getLast().parent()).hasValue(hashes.sequence()[0]);
    }
  }

  @Test
  void aSinkThatThrowsHurtsNobodyElse() throws EngineStartException {
    try (var engine = slowSim(Limits.DEFAULT)) {
      var good = new RecordingSink();
      engine.generate(
          Requests.greedy(PROMPT, 5),
          "bad",
          null,
          new io.baton.bridge.TokenSink() {
            @Override
            public void onAccepted(int cachedTokens) {
              throw new IllegalStateException("on purpose");
            }

            @Override
            public void onTokens(
                int[] ids,
                io.baton.bridge.TokenSink.@org.jspecify.annotations.Nullable Logprobs l) {
              throw new IllegalStateException("on purpose");
            }

            @Override
            public void onHandoff(byte[] parameters) {
              throw new IllegalStateException("on purpose");
            }

            @Override
            public void onFinished(io.baton.bridge.Finish finish) {
              throw new IllegalStateException("on purpose");
            }

            @Override
            public void onFailed(EngineException error) {
              throw new IllegalStateException("on purpose");
            }
          });
      engine.generate(Requests.greedy(PROMPT, 5), "good", null, good);
      assertThat(good.finish().reason()).isEqualTo(FinishReason.LENGTH);
    }
  }

  @Test
  void aFailedStepEndsEverythingWithAnError() throws EngineStartException {
    try (var engine = slowSim(Limits.DEFAULT)) {
      var bystander = new RecordingSink();
      engine.generate(Requests.greedy(PROMPT, 10_000), "bystander", null, bystander);
      await().until(() -> bystander.tokens().length > 0);
      engine.onKvEvents((rank, first, events) -> {
        throw new IllegalStateException("on purpose");
      });
      var sink = new RecordingSink();
      engine.generate(Requests.greedy(new int[40], 10_000), "rid", null, sink);
      assertThat(sink.failure().kind()).isEqualTo(EngineException.Kind.ENGINE);
      assertThat(bystander.failure().kind()).isEqualTo(EngineException.Kind.ENGINE);
      var late = new RecordingSink();
      engine.generate(Requests.greedy(PROMPT, 1), "late", null, late);
      assertThat(late.failure()).hasMessageContaining("engine has failed");
    }
  }

  @Test
  void aPortThatIsTakenIsSaid() throws EngineStartException {
    var settings = EngineSettings.sim("sim").withRole(Role.PREFILL);
    try (var engine = start(settings)) {
      int port = engine.card().handoff().orElseThrow().dataPort();
      var taken =
          new DataPlane("127.0.0.1", port, "", Duration.ofSeconds(1), Duration.ofSeconds(1), 8);
      assertThatThrownBy(() -> start(settings.withDataPlane(taken)))
          .isInstanceOf(EngineStartException.class)
          .hasMessageContaining("cannot listen on 127.0.0.1:" + port);
    }
  }
}
