package io.baton.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.baton.bridge.Engine.KvSnapshot;
import io.baton.bridge.FinishReason;
import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import io.baton.proto.v1.GenerateRequest;
import io.baton.proto.v1.Handoff;
import io.baton.proto.v1.Leg;
import io.baton.proto.v1.OpenAiForm;
import io.baton.proto.v1.Stored;
import io.baton.proto.v1.Tier;
import io.baton.proto.v1.TokensForm;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing changes its meaning between the wire and an engine. */
class WireTest {
  @Test
  void allOfATokensRequestReachesTheEngine() {
    TokenRequest request =
        WireRequests.tokens(
            GenerateRequest.newBuilder()
                .setLeg(Leg.LEG_DECODE)
                .setPriority(-3)
                .setHandoff(
                    Handoff.newBuilder()
                        .setRoom(77)
                        .setHost("h")
                        .setPort(5)
                        .setSecret(ByteString.copyFromUtf8("s")))
                .setTokens(
                    TokensForm.newBuilder()
                        .addTokenIds(1)
                        .addTokenIds(2)
                        .setMaxTokens(9)
                        .addStopTokenIds(4)
                        .setIgnoreEos(true)
                        .setCacheSalt("salt")
                        .setLora("lora")
                        .setSampling(
                            io.baton.proto.v1.Sampling.newBuilder()
                                .setTemperature(0.5f)
                                .setTopK(3)
                                .setTopP(0.25f)
                                .setMinP(0.125f)
                                .setSeed(-1)
                                .setRepetitionPenalty(1.5f)
                                .setPresencePenalty(-2)
                                .setFrequencyPenalty(2)
                                .putLogitBias(7, 0.5f)
                                .setMinTokens(4)
                                .setTopLogprobs(2)))
                .build());

    assertThat(request)
        .usingRecursiveComparison()
        .isEqualTo(
            new TokenRequest(
                TokenRequest.Leg.DECODE,
                new int[] {1, 2},
                new Sampling(
                    0.5f,
                    3,
                    0.25f,
                    0.125f,
                    OptionalLong.of(-1),
                    1.5f,
                    -2,
                    2,
                    Map.of(7, 0.5f),
                    4,
                    2),
                9,
                new int[] {4},
                true,
                "salt",
                "lora",
                -3,
                java.util.Optional.of(new TokenRequest.Handoff(77, "h", 5, new byte[] {'s'}))));
  }

  @Test
  void whatIsNotSaidIsOff() {
    TokenRequest request =
        WireRequests.tokens(
            GenerateRequest.newBuilder().setTokens(TokensForm.newBuilder().addTokenIds(1)).build());

    assertThat(request.leg()).isEqualTo(TokenRequest.Leg.AGGREGATED);
    assertThat(request.maxTokens()).isEqualTo(1);
    assertThat(request.handoff()).isEmpty();
    assertThat(request.sampling())
        .isEqualTo(new Sampling(0, 0, 1, 0, OptionalLong.empty(), 1, 0, 0, Map.of(), 0, -1));
  }

  @Test
  void anOpenAiBodyTravelsAsItCame() {
    byte[] body = {0, '{', (byte) 0xFF, '}'};
    var request =
        WireRequests.openAi(
            GenerateRequest.newBuilder()
                .setRequestId("r")
                .setOpenai(
                    OpenAiForm.newBuilder()
                        .setPath("/v1/completions")
                        .setBody(ByteString.copyFrom(body))
                        .setStream(true))
                .build());

    assertThat(request.path()).isEqualTo("/v1/completions");
    assertThat(request.body()).isEqualTo(body);
    assertThat(request.stream()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(FinishReason.class)
  void everyReasonHasItsNameOnTheWire(FinishReason reason) {
    assertThat(WireRequests.reason(reason).name()).isEqualTo("FINISH_" + reason.name());
  }

  @ParameterizedTest
  @CsvSource({"DEVICE, TIER_DEVICE", "HOST, TIER_HOST", "DISK, TIER_DISK"})
  void changesOfACacheKeepHashesParentsAndTier(KvTier tier, Tier wireTier) {
    var events =
        WireKvEvents.of(
            List.of(
                new KvEvent.Stored(
                    OptionalLong.of(0), new long[] {-1, 2}, new long[] {3, -4}, tier),
                new KvEvent.Stored(OptionalLong.empty(), new long[] {5}, new long[] {6}, tier),
                new KvEvent.Removed(new long[] {2, -1}, tier),
                new KvEvent.Cleared()));

    assertThat(events.get(0).getStored())
        .isEqualTo(
            Stored.newBuilder()
                .setParent(0)
                .addAllSequenceHashes(List.of(-1L, 2L))
                .addAllLocalHashes(List.of(3L, -4L))
                .build());
    assertThat(events.get(1).getStored().hasParent()).isFalse();
    assertThat(events.get(2).getRemoved().getSequenceHashesList()).containsExactly(2L, -1L);
    assertThat(events.get(3).hasCleared()).isTrue();
    assertThat(events.subList(0, 3)).allMatch(event -> event.getTier() == wireTier);
  }

  @Test
  void aSnapshotKeepsItsPosition() {
    var run =
        new KvEvent.Stored(OptionalLong.empty(), new long[] {1}, new long[] {2}, KvTier.DEVICE);

    var source = WireKvEvents.snapshot(new KvSnapshot(42, List.of(run)));

    assertThat(source.asOfEventId()).isEqualTo(42);
    assertThat(source.stored()).isEqualTo(WireKvEvents.of(List.of(run)));
  }
}
