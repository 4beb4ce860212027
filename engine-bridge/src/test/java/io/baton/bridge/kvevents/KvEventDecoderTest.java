package io.baton.bridge.kvevents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dynatrace.hash4j.hashing.Hashing;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.bridge.kvevents.KvFrameException.Reason;
import io.baton.kvblocks.KvTier;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Frames that python3-msgpack packed and libzmq carried, and frames of the real engines. */
class KvEventDecoderTest {
  private static final HexFormat HEX = HexFormat.of();

  @TestFactory
  Stream<DynamicTest> everyWireGenerationIsReadForWhatItMeans() throws IOException {
    var tests = new ArrayList<DynamicTest>();
    for (JsonNode frame : resource("frames.json")) {
      tests.add(
          DynamicTest.dynamicTest(
              frame.path("name").asText(),
              () -> {
                byte[] payload = HEX.parseHex(frame.path("frames").path(2).asText());
                List<EngineEvent> read = KvEventDecoder.decode(payload).events();
                var said = new ArrayList<String>();
                read.forEach(event -> said.add(text(event)));
                var meant = new ArrayList<String>();
                frame.path("meaning").forEach(event -> meant.add(text(event)));
                assertThat(said).isEqualTo(meant);
              }));
    }
    assertThat(tests).hasSizeGreaterThan(15);
    return tests.stream();
  }

  @Test
  void whatTheRealEnginesSentIsReadWhole() throws Exception {
    assertThat(storedTokens("vllm-0.32.0.json", 32)).isEqualTo(14 * 32);
    assertThat(storedTokens("sglang-0.5.23.json", 16)).isEqualTo(30 * 16);
  }

  private static int storedTokens(String name, int blockSize) throws Exception {
    int tokens = 0;
    for (JsonNode message : resource(name).path("live")) {
      EngineBatch batch =
          KvEventDecoder.decode(HEX.parseHex(message.path(message.size() - 1).asText()));
      assertThat(batch.skipped()).isZero();
      for (EngineEvent event : batch.events()) {
        if (event instanceof EngineEvent.Stored stored) {
          assertThat(stored.blockSize()).isEqualTo(blockSize);
          tokens += stored.tokens().length;
        }
      }
    }
    return tokens;
  }

  @Test
  void aCutMessageIsMalformedWhereverItIsCut() throws IOException {
    for (JsonNode frame : resource("frames.json")) {
      byte[] whole = HEX.parseHex(frame.path("frames").path(2).asText());
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = java.util.Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> KvEventDecoder.decode(cut))
            .as("%s cut at %d", frame.path("name").asText(), length)
            .isInstanceOf(KvFrameException.class);
      }
    }
  }

  @Test
  void whateverComesIsReadOrRefusedWithAReason() throws IOException {
    var random = new Random(7);
    var frames = new ArrayList<byte[]>();
    resource("frames.json")
        .forEach(frame -> frames.add(HEX.parseHex(frame.path("frames").path(2).asText())));
    int refused = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = frames.get(random.nextInt(frames.size())).clone();
      int flips = 1 + random.nextInt(4);
      for (int j = 0; j < flips; j++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        KvEventDecoder.decode(bytes);
      } catch (KvFrameException e) {
        assertThat(e.reason()).isNotNull();
        refused++;
      }
    }
    assertThat(refused).isBetween(10_000, 190_000);
  }

  @Test
  void sizesThatNobodySendsAreNotBelieved() {
    // [1.5, [["BlockStored", <array of 2^32 - 1>
    assertReason("92cb3ff80000000000009197ab426c6f636b53746f726564dd00100001", Reason.TOO_LARGE);
    assertReason("92cb3ff8000000000000ddffffffff", Reason.MALFORMED);
    assertReason("c0", Reason.NOT_A_BATCH);
    assertReason("91c0", Reason.NOT_A_BATCH);
    assertReason("92c0c0", Reason.NOT_A_BATCH);
    assertReason("92c0910a", Reason.BAD_EVENT);
    assertReason("92c09192ac426c6f636b52656d6f7665640a", Reason.BAD_EVENT);
  }

  private static void assertReason(String hex, Reason reason) {
    assertThatThrownBy(() -> KvEventDecoder.decode(HEX.parseHex(hex)))
        .isInstanceOfSatisfying(
            KvFrameException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static String text(EngineEvent event) {
    return switch (event) {
      case EngineEvent.Stored s -> {
        var extras = new ArrayList<Boolean>();
        for (long extra : s.extras()) {
          extras.add(extra != 0);
        }
        yield stored(
            longs(s.hashes()),
            s.hasParent() ? Long.toString(s.parent()) : "null",
            ints(s.tokens()),
            s.blockSize(),
            s.tier(),
            s.lora() + "/" + s.salt(),
            extras.subList(0, s.hashes().length),
            s.group() + "/" + s.fullAttention());
      }
      case EngineEvent.Removed r ->
          "removed %s %s %d".formatted(longs(r.hashes()), r.tier(), r.group());
      case EngineEvent.Cleared c -> "cleared";
    };
  }

  private static String text(JsonNode event) {
    if (event.has("stored")) {
      JsonNode s = event.path("stored");
      var extras = new ArrayList<Boolean>();
      s.path("extras").forEach(e -> extras.add(e.asBoolean()));
      return stored(
          hashes(s.path("hashes")),
          s.path("parent").isNull() ? "null" : s.path("parent").asText(),
          numbers(s.path("tokens")),
          s.path("block").asInt(),
          KvTier.valueOf(s.path("tier").asText()),
          s.path("lora").asText() + "/" + s.path("salt").asText(),
          extras.subList(0, s.path("hashes").size()),
          s.path("group").asInt() + "/" + s.path("full").asBoolean());
    }
    if (event.has("removed")) {
      JsonNode r = event.path("removed");
      return "removed %s %s %d"
          .formatted(hashes(r.path("hashes")), r.path("tier").asText(), r.path("group").asInt());
    }
    return "cleared";
  }

  private static String stored(
      List<Long> hashes,
      String parent,
      List<Long> tokens,
      int block,
      KvTier tier,
      String namespace,
      List<Boolean> extras,
      String group) {
    return "stored %s after %s: %s by %d in %s, %s %s %s"
        .formatted(hashes, parent, tokens, block, tier, namespace, extras, group);
  }

  private static List<Long> hashes(JsonNode node) {
    var hashes = new ArrayList<Long>();
    for (JsonNode hash : node) {
      hashes.add(
          hash.isObject()
              ? Hashing.xxh3_64().hashBytesToLong(HEX.parseHex(hash.path("bytes").asText()))
              : hash.asLong());
    }
    return hashes;
  }

  private static List<Long> numbers(JsonNode node) {
    var numbers = new ArrayList<Long>();
    node.forEach(number -> numbers.add(number.asLong()));
    return numbers;
  }

  private static List<Long> longs(long[] values) {
    return java.util.Arrays.stream(values).boxed().toList();
  }

  private static List<Long> ints(int[] values) {
    return java.util.Arrays.stream(values).asLongStream().boxed().toList();
  }

  static JsonNode resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            KvEventDecoderTest.class.getResourceAsStream("/kvevents/" + name), name)) {
      return new ObjectMapper().readTree(in);
    }
  }
}
