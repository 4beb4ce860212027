package io.baton.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.bridge.EngineCard.Role;
import io.baton.bridge.Finish;
import io.baton.bridge.FinishReason;
import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.engine.EngineSettings.Cache;
import io.baton.engine.EngineSettings.Limits;
import io.baton.telemetry.slices.SliceExporter;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same request gets the same answer, however it is served. */
class EqualAnswersTest {
  private static final EngineSettings QWEN3 =
      EngineSettings.cpu(TestModels.dir("parity/qwen3")).withCache(new Cache(16, 256, 0, 0, true));

  private static List<TokenRequest> requests() {
    var random = new SplittableRandom(1);
    var requests = new ArrayList<TokenRequest>();
    int[] shared = Requests.prompt(random, 40, 288);
    for (int i = 0; i < 10; i++) {
      int[] prompt = Requests.prompt(random, 1 + random.nextInt(100), 288);
      if (i % 3 == 0) {
        prompt =
            java.util.stream.IntStream.concat(
                    java.util.stream.IntStream.of(shared), java.util.stream.IntStream.of(prompt))
                .toArray();
      }
      Sampling sampling = i % 2 == 0 ? Sampling.GREEDY : Requests.seeded(i);
      requests.add(Requests.sampled(prompt, sampling, 20));
    }
    return requests;
  }

  private static BuiltinEngine start(EngineSettings settings) throws EngineStartException {
    return BuiltinEngine.start(settings, SliceExporter.OFF);
  }

  private static List<int[]> oneByOne(BuiltinEngine engine) {
    var answers = new ArrayList<int[]>();
    for (TokenRequest request : requests()) {
      var sink = new RecordingSink();
      engine.generate(request, "r" + answers.size(), null, sink);
      assertThat(sink.finish().reason()).isEqualTo(FinishReason.LENGTH);
      answers.add(sink.tokens());
    }
    return answers;
  }

  private static List<int[]> together(BuiltinEngine engine) {
    return together(engine, requests());
  }

  private static List<int[]> together(BuiltinEngine engine, List<TokenRequest> requests) {
    var sinks = new ArrayList<RecordingSink>();
    for (TokenRequest request : requests) {
      sinks.add(new RecordingSink());
      engine.generate(request, "r" + sinks.size(), null, sinks.getLast());
    }
    var answers = new ArrayList<int[]>();
    for (RecordingSink sink : sinks) {
      sink.finish();
      answers.add(sink.tokens());
    }
    return answers;
  }

  private static List<int[]> reference() throws EngineStartException {
    var cold = QWEN3.withCache(new Cache(16, 256, 0, 0, false));
    try (var engine = start(cold)) {
      return oneByOne(engine);
    }
  }

  @Test
  void aloneOrInAFullBatchColdOrWarm() throws EngineStartException {
    List<int[]> expected = reference();
    try (var engine = start(QWEN3)) {
      assertThat(together(engine)).containsExactlyElementsOf(expected);
      assertThat(together(engine)).containsExactlyElementsOf(expected);
      assertThat(oneByOne(engine)).containsExactlyElementsOf(expected);
      assertThat(engine.stats().cachedTokens()).isPositive();
      assertThat(engine.stats().usedBlocks()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 16, 33, 1000})
  void withAnyChunkSize(int maxBatchTokens) throws EngineStartException {
    try (var engine = start(QWEN3.withLimits(new Limits(8, 100, maxBatchTokens, 0)))) {
      assertThat(together(engine)).containsExactlyElementsOf(reference());
    }
  }

  @Test
  void withSpeculation() throws EngineStartException {
    var speculative = QWEN3.withSpeculation(new EngineSettings.Speculation(4, 2));
    try (var engine = start(speculative)) {
      assertThat(together(engine)).containsExactlyElementsOf(reference());
      assertThat(engine.stats().draftTokens()).isPositive();
    }
  }

  @Test
  void inPlainJava() throws EngineStartException {
    var plain = QWEN3.withCompute(new EngineSettings.Compute(1, false));
    var expected = new ArrayList<int[]>();
    try (var engine = start(plain)) {
      expected.addAll(oneByOne(engine));
    }
    try (var engine = start(plain.withLimits(new Limits(8, 100, 19, 0)))) {
      assertThat(together(engine)).containsExactlyElementsOf(expected);
    }
  }

  @Test
  void afterARetract() throws EngineStartException {
    var random = new SplittableRandom(2);
    var requests = new ArrayList<TokenRequest>();
    for (int i = 0; i < 8; i++) {
      int[] prompt = Requests.prompt(random, 5, 288);
      requests.add(Requests.sampled(prompt, Requests.seeded(i), 60));
    }
    List<int[]> expected;
    try (var engine = start(QWEN3)) {
      expected = together(engine, requests);
      assertThat(engine.stats().retracts()).isZero();
    }
    try (var engine = start(QWEN3.withCache(new Cache(4, 40, 0, 0, true)))) {
      assertThat(together(engine, requests)).containsExactlyElementsOf(expected);
      assertThat(engine.stats().retracts()).isPositive();
      assertThat(engine.stats().usedBlocks()).isZero();
    }
  }

  @Test
  void withABlockThatCameBackFromTheHost() throws EngineStartException {
    List<int[]> expected = reference();
    try (var engine = start(QWEN3.withCache(new Cache(4, 64, 0, 400, true)))) {
      assertThat(oneByOne(engine)).containsExactlyElementsOf(expected);
      assertThat(oneByOne(engine)).containsExactlyElementsOf(expected);
      assertThat(engine.stats().loadedBlocks()).isPositive();
    }
  }

  @Test
  void disaggregatedColdAndWarm() throws EngineStartException {
    List<int[]> expected = reference();
    try (var prefill = start(QWEN3.withRole(Role.PREFILL));
        var decode = start(QWEN3.withRole(Role.DECODE))) {
      for (int round = 0; round < 3; round++) {
        assertThat(disaggregated(prefill, decode, round)).containsExactlyElementsOf(expected);
      }
      assertThat(decode.stats().prefillTokens()).isZero();
      assertThat(prefill.stats().usedBlocks()).isZero();
      assertThat(decode.stats().usedBlocks()).isZero();
    }
  }

  private static List<int[]> disaggregated(BuiltinEngine prefill, BuiltinEngine decode, int round) {
    var prefills = new ArrayList<RecordingSink>();
    var decodes = new ArrayList<RecordingSink>();
    int port = prefill.card().handoff().orElseThrow().dataPort();
    for (TokenRequest request : requests()) {
      Handoff handoff = Requests.handoff(1 + prefills.size() + 100L * round, port);
      prefills.add(new RecordingSink());
      decodes.add(new RecordingSink());
      String rid = "r" + round + "-" + prefills.size();
      decode.generate(Requests.leg(request, Leg.DECODE, handoff), rid, null, decodes.getLast());
      prefill.generate(Requests.leg(request, Leg.PREFILL, handoff), rid, null, prefills.getLast());
    }
    var answers = new ArrayList<int[]>();
    for (int i = 0; i < decodes.size(); i++) {
      Finish finish = prefills.get(i).finish();
      assertThat(finish.reason()).isEqualTo(FinishReason.HANDOFF);
      assertThat(decodes.get(i).finish().transferredBytes()).isEqualTo(finish.transferredBytes());
      answers.add(decodes.get(i).tokens());
    }
    return answers;
  }
}
