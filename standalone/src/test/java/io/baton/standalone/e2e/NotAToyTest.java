package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The work is done where it is said to be done: read off the engines' and the broker's counters.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NotAToyTest {
  private static final int BLOCK = 16;

  /** Of the demo model: 6 layers, 2 KV heads of 32, key and value, 4 bytes each. */
  private static final int BYTES_PER_BLOCK = 6 * 2 * 32 * 2 * 4 * BLOCK;

  private TestFleet fleet;

  @BeforeAll
  void start() throws IOException {
    fleet = TestFleet.disaggregated("cpu").start();
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  private double prefill(String figure) {
    return fleet.metric("prefill-1", "baton_engine_" + figure);
  }

  private double decode(String figure) {
    return fleet.metric("decode-1", "baton_engine_" + figure);
  }

  @Test
  void decodeComputesNoPromptTokensAndOnlyMissingBlocksMove() {
    String prompt = "Please remember these words: apple river stone cloud " + "tree ".repeat(60);
    double prefillBefore = prefill("prefill_tokens_total");
    double sentBefore = prefill("sent_bytes_total");
    double stepsBefore = decode("steps_total");

    JsonNode cold =
        fleet.client().unary(Client.chat(prompt).put("max_tokens", 20).put("ignore_eos", true));
    int promptTokens = cold.at("/usage/prompt_tokens").asInt();
    settle();
    double sentCold = prefill("sent_bytes_total") - sentBefore;
    double computedCold = prefill("prefill_tokens_total") - prefillBefore;
    JsonNode warm =
        fleet.client().unary(Client.chat(prompt).put("max_tokens", 20).put("ignore_eos", true));
    settle();
    double sentWarm = prefill("sent_bytes_total") - sentBefore - sentCold;
    double computedWarm = prefill("prefill_tokens_total") - prefillBefore - computedCold;

    int blocks = (promptTokens + BLOCK - 1) / BLOCK;
    assertThat(decode("prefill_tokens_total")).isZero();
    assertThat(sentCold % BYTES_PER_BLOCK).isZero();
    assertThat(sentCold).isEqualTo((double) blocks * BYTES_PER_BLOCK);
    // The whole blocks are there already; the last, partly filled one is not shared.
    assertThat(sentWarm).isLessThanOrEqualTo(2.0 * BYTES_PER_BLOCK);
    assertThat(sentWarm % BYTES_PER_BLOCK).isZero();
    // What is said to be cached is exactly what is not computed.
    assertThat(computedCold).isEqualTo(promptTokens);
    int cached = warm.at("/usage/prompt_tokens_details/cached_tokens").asInt();
    assertThat(cached).isPositive();
    assertThat(computedWarm).isLessThan(computedCold);
    assertThat(warm.at("/choices/0/message/content"))
        .isEqualTo(cold.at("/choices/0/message/content"));
    assertThat(decode("steps_total") - stepsBefore).isLessThanOrEqualTo(2 * 21);
  }

  @Test
  void theStreamGoesThroughTheBroker() throws IOException {
    long before = outMessages();

    fleet.client().stream(Client.longChat("Tell me a story.", 100));

    // Request, chunks and control: at least something for most tokens, however they were joined.
    assertThat(outMessages() - before).isGreaterThan(20);
    JsonNode connections = Client.json(fleet.broker().monitor("/connz?subs=1")).get("connections");
    assertThat(connections.findValuesAsText("name"))
        .contains(
            "gateway-gateway", "worker-prefill-1", "worker-decode-1", "worker-decode-1-events");
  }

  private long outMessages() throws IOException {
    long sum = 0;
    for (JsonNode connection : Client.json(fleet.broker().monitor("/connz")).get("connections")) {
      if (connection.path("name").asText().startsWith("gateway")) {
        sum += connection.path("out_msgs").asLong();
      }
    }
    return sum;
  }

  @Test
  void aRequestThatArrivesInMidDecodeIsNotMadeToWait() throws Exception {
    try (var first = fleet.client().open(Client.longChat("Count from 1 to 100.", 400))) {
      assertThat(first.readPiece()).isTrue();
      double stepsBefore = decode("steps_total");
      double tokensBefore = decode("generated_tokens_total");
      try (var second = fleet.client().open(Client.longChat("What is the capital of Peru?", 100))) {
        assertThat(second.readPiece()).isTrue();
        assertThat(fleet.metric("decode-1", "baton_worker_live_legs")).isEqualTo(2);
        second.readAll(text -> {});
      }
      first.readAll(text -> {});
      settle();
      double steps = decode("steps_total") - stepsBefore;
      double tokens = decode("generated_tokens_total") - tokensBefore;
      assertThat(steps).isLessThan(tokens);
    }
  }

  private void settle() {
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> decode("used_blocks") == 0 && prefill("used_blocks") == 0);
  }
}
