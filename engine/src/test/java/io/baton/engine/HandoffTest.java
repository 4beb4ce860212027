package io.baton.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.bridge.EngineCard.Role;
import io.baton.bridge.EngineException;
import io.baton.bridge.Finish;
import io.baton.bridge.FinishReason;
import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.engine.EngineSettings.Cache;
import io.baton.engine.EngineSettings.DataPlane;
import io.baton.engine.FaultyLink.Direction;
import io.baton.engine.FaultyLink.Fault;
import io.baton.telemetry.slices.SliceExporter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** KV goes from prefill to decode whole, checked, once, and nothing is left behind. */
class HandoffTest {
  private static final int BLOCK_SIZE = 16;

  /** float32, K and V, 3 layers, 2 heads of 32 dimensions. */
  private static final long BLOCK_BYTES = 4L * 2 * 3 * 2 * 32 * BLOCK_SIZE;

  private static final EngineSettings SETTINGS =
      EngineSettings.cpu(TestModels.dir("parity/qwen3"))
          .withCache(new Cache(BLOCK_SIZE, 128, 0, 0, true))
          .withDataPlane(
              new DataPlane(
                  "127.0.0.1", 0, "", Duration.ofMillis(1500), Duration.ofMillis(1200), 16));

  private BuiltinEngine prefill;
  private BuiltinEngine decode;
  private long rooms;

  @BeforeEach
  void start() throws EngineStartException {
    prefill = BuiltinEngine.start(SETTINGS.withRole(Role.PREFILL), SliceExporter.OFF);
    decode = BuiltinEngine.start(SETTINGS.withRole(Role.DECODE), SliceExporter.OFF);
  }

  @AfterEach
  void stop() {
    prefill.close();
    decode.close();
  }

  /** Both legs of a request. */
  private record Legs(RecordingSink prefill, RecordingSink decode, String rid) {}

  private int port() {
    return prefill.card().handoff().orElseThrow().dataPort();
  }

  private Legs run(int[] prompt, int port) {
    return run(Requests.greedy(prompt, 8), Requests.handoff(++rooms, port));
  }

  private Legs run(TokenRequest request, Handoff handoff) {
    return run(request, handoff, handoff);
  }

  private Legs run(TokenRequest request, Handoff ofPrefill, Handoff ofDecode) {
    var legs = new Legs(new RecordingSink(), new RecordingSink(), "rid-" + ofPrefill.room());
    prefill.generate(
        Requests.leg(request, Leg.PREFILL, ofPrefill), legs.rid(), null, legs.prefill());
    decode.generate(Requests.leg(request, Leg.DECODE, ofDecode), legs.rid(), null, legs.decode());
    return legs;
  }

  private void assertNothingHeld() {
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(() -> {
          assertThat(prefill.stats().usedBlocks()).as("prefill blocks").isZero();
          assertThat(decode.stats().usedBlocks()).as("decode blocks").isZero();
          assertThat(prefill.stats().runningRequests()).isZero();
          assertThat(decode.stats().runningRequests()).isZero();
        });
  }

  @Test
  void onlyMissingBlocksMoveAndDecodeComputesNoPromptToken() {
    int[] prompt = Requests.prompt(new SplittableRandom(1), 100, 288);
    Legs cold = run(prompt, port());
    assertThat(cold.prefill().finish().reason()).isEqualTo(FinishReason.HANDOFF);
    Finish first = cold.decode().finish();
    assertThat(first.transferredBytes()).isEqualTo(7 * BLOCK_BYTES);
    assertThat(first.transferredTokens()).isEqualTo(100);
    assertThat(first.cachedTokens()).isZero();

    // Six full blocks are cached on both sides now; the seventh was never full on its own.
    Legs warm = run(prompt, port());
    Finish prefillFinish = warm.prefill().finish();
    Finish second = warm.decode().finish();
    assertThat(second.cachedTokens()).isEqualTo(96);
    assertThat(second.transferredTokens()).isEqualTo(4);
    assertThat(second.transferredBytes()).isEqualTo(BLOCK_BYTES);
    assertThat(prefillFinish.transferredBytes()).isEqualTo(BLOCK_BYTES);
    assertThat(prefillFinish.cachedTokens()).isEqualTo(96);
    assertThat(warm.decode().tokens()).isEqualTo(cold.decode().tokens());

    EngineStats stats = decode.stats();
    assertThat(stats.prefillTokens()).isZero();
    // The first token comes with the handoff, each further one takes one computed token.
    assertThat(stats.decodeTokens()).isEqualTo(2 * 7);
    assertThat(stats.receivedBytes()).isEqualTo(8 * BLOCK_BYTES);
    assertThat(stats.receivedBlocks()).isEqualTo(8);
    assertThat(prefill.stats().sentBytes()).isEqualTo(8 * BLOCK_BYTES);
    assertThat(prefill.stats().prefillTokens()).isEqualTo(104);
    assertNothingHeld();
  }

  @Test
  void blocksThatDecodeMadeItselfAreNotSent() {
    int[] prompt = Requests.prompt(new SplittableRandom(2), 64, 288);
    Legs cold = run(prompt, port());
    cold.decode().finish();
    Legs warm = run(prompt, port());
    assertThat(warm.decode().finish().transferredBytes()).isZero();
    assertThat(warm.decode().tokens()).isEqualTo(cold.decode().tokens());
    assertNothingHeld();
  }

  @Test
  void aFlippedByteIsFound() throws IOException {
    try (var link = new FaultyLink(port(), Fault.FLIP, Direction.TO_DECODE, 5_000)) {
      Legs legs = run(Requests.prompt(new SplittableRandom(3), 100, 288), link.port());
      EngineException failure = legs.decode().failure();
      assertThat(failure.kind()).isEqualTo(EngineException.Kind.HANDOFF);
      assertThat(failure).hasMessageContaining("checksum");
      // Decode tells why before it closes; a reset by data still on its way may overtake that word.
      assertThat(legs.prefill().failure().kind()).isEqualTo(EngineException.Kind.HANDOFF);
      assertThat(legs.prefill().failure().getMessage()).containsAnyOf("checksum", "broke off");
      assertNothingHeld();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"CUT", "STALL", "FLIP"})
  void aLinkThatBreaksAtAnyByteLeavesNothingBehind(Fault fault) throws IOException {
    int[] prompt = Requests.prompt(new SplittableRandom(4), 60, 288);
    long total = 4 * BLOCK_BYTES;
    var random = new SplittableRandom(5);
    int rounds = fault == Fault.STALL ? 6 : 25;
    // Some at once, since each waits for a timeout.
    for (int first = 0; first < rounds; first += 5) {
      var legs = new ArrayList<Legs>();
      var links = new ArrayList<FaultyLink>();
      for (int i = first; i < first + 5; i++) {
        Direction direction = i % 4 == 0 ? Direction.TO_PREFILL : Direction.TO_DECODE;
        long at = direction == Direction.TO_PREFILL ? random.nextLong(80) : random.nextLong(total);
        var link = new FaultyLink(port(), fault, direction, at);
        links.add(link);
        TokenRequest salted = Requests.withSalt(Requests.greedy(prompt, 8), "salt-" + fault + i);
        legs.add(run(salted, Requests.handoff(++rooms, link.port())));
      }
      for (int i = 0; i < legs.size(); i++) {
        assertThat(legs.get(i).decode().failure().kind())
            .as(links.get(i).toString())
            .isEqualTo(EngineException.Kind.HANDOFF);
        assertThat(legs.get(i).prefill().failure().kind()).isEqualTo(EngineException.Kind.HANDOFF);
        links.get(i).close();
      }
    }
    assertNothingHeld();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void eitherLegCanBeCancelledAtAnyTime(boolean cancelDecode) {
    var random = new SplittableRandom(6);
    // Some at once, since the leg that is left may wait for a timeout.
    for (int round = 0; round < 5; round++) {
      var all = new ArrayList<Legs>();
      for (int i = 0; i < 8; i++) {
        Legs legs = run(Requests.prompt(random, 100, 288), port());
        all.add(legs);
        long until = System.nanoTime() + random.nextLong(8_000_000);
        while (System.nanoTime() < until) {
          Thread.onSpinWait();
        }
        (cancelDecode ? decode : prefill).cancel(legs.rid());
      }
      for (Legs legs : all) {
        legs.prefill().awaitEnd();
        legs.decode().awaitEnd();
        assertThat(legs.prefill().ends()).isEqualTo(1);
        assertThat(legs.decode().ends()).isEqualTo(1);
      }
    }
    assertNothingHeld();
  }

  @Test
  void aWrongSecretEndsBothLegs() {
    int[] prompt = Requests.prompt(new SplittableRandom(7), 30, 288);
    Handoff right = Requests.handoff(++rooms, port());
    var wrong = new Handoff(right.room(), right.host(), right.port(), new byte[] {1, 2, 3});
    Legs legs = run(Requests.greedy(prompt, 4), right, wrong);
    assertThat(legs.decode().failure()).hasMessageContaining("secret");
    assertThat(legs.prefill().failure()).hasMessageContaining("secret");
    assertNothingHeld();
  }

  @Test
  void differentPromptsDoNotMeet() {
    Handoff handoff = Requests.handoff(++rooms, port());
    var first = new RecordingSink();
    var second = new RecordingSink();
    var a = Requests.greedy(new int[] {5, 6, 7}, 4);
    var b = Requests.greedy(new int[] {5, 6, 8}, 4);
    prefill.generate(Requests.leg(a, Leg.PREFILL, handoff), "a", null, first);
    decode.generate(Requests.leg(b, Leg.DECODE, handoff), "a", null, second);
    assertThat(first.failure()).hasMessageContaining("differs between the two legs");
    assertThat(second.failure()).hasMessageContaining("differs between the two legs");
  }

  @Test
  void aLegWhoseOtherLegNeverComesFailsInTime() {
    var request = Requests.greedy(new int[] {5, 6, 7}, 4);
    var lonelyPrefill = new RecordingSink();
    var lonelyDecode = new RecordingSink();
    prefill.generate(
        Requests.leg(request, Leg.PREFILL, Requests.handoff(501, port())),
        "p",
        null,
        lonelyPrefill);
    decode.generate(
        Requests.leg(request, Leg.DECODE, Requests.handoff(502, port())), "d", null, lonelyDecode);
    assertThat(lonelyPrefill.failure()).hasMessageContaining("did not come to room 0x1f5");
    assertThat(lonelyPrefill.failure().untouched()).isTrue();
    assertThat(lonelyDecode.failure()).hasMessageContaining("0x1f6");
    assertNothingHeld();
  }

  @Test
  void aPrefillEngineThatIsNotThereIsNamed() {
    prefill.close();
    var sink = new RecordingSink();
    var request = Requests.greedy(new int[] {5, 6, 7}, 4);
    decode.generate(
        Requests.leg(request, Leg.DECODE, Requests.handoff(9, port())), "d", null, sink);
    assertThat(sink.failure()).hasMessageContaining("cannot reach prefill engine at 127.0.0.1:");
  }

  @Test
  void modelsThatDifferDoNotMeet() throws EngineStartException {
    var other =
        EngineSettings.cpu(TestModels.dir("parity/llama"))
            .withCache(new Cache(BLOCK_SIZE, 64, 0, 0, true))
            .withRole(Role.DECODE);
    try (var stranger = BuiltinEngine.start(other, SliceExporter.OFF)) {
      Handoff handoff = Requests.handoff(++rooms, port());
      var request = Requests.greedy(new int[] {5, 6, 7}, 4);
      var first = new RecordingSink();
      var second = new RecordingSink();
      prefill.generate(Requests.leg(request, Leg.PREFILL, handoff), "a", null, first);
      stranger.generate(Requests.leg(request, Leg.DECODE, handoff), "a", null, second);
      assertThat(first.failure()).hasMessageContaining("KV layout");
      assertThat(second.failure()).hasMessageContaining("KV layout");
    }
  }

  @Test
  void anAnswerOfOneTokenAndAnEndTokenAtOnceAreFine() {
    int[] prompt = Requests.prompt(new SplittableRandom(8), 20, 288);
    Legs one = run(Requests.greedy(prompt, 1), Requests.handoff(++rooms, port()));
    assertThat(one.decode().finish().reason()).isEqualTo(FinishReason.LENGTH);
    int token = one.decode().tokens()[0];
    var stops =
        new TokenRequest(
            Leg.AGGREGATED,
            prompt,
            Sampling.GREEDY,
            5,
            new int[] {token},
            false,
            "",
            "",
            0,
            Optional.empty());
    Legs stopped = run(stops, Requests.handoff(++rooms, port()));
    Finish finish = stopped.decode().finish();
    assertThat(finish.reason()).isEqualTo(FinishReason.STOP);
    assertThat(finish.stopToken()).isEqualTo(token);
    assertThat(stopped.decode().tokens()).isEmpty();
    assertThat(stopped.prefill().finish().reason()).isEqualTo(FinishReason.HANDOFF);
    assertNothingHeld();
  }
}
