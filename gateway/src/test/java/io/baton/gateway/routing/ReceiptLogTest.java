package io.baton.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.kvblocks.BlockHasher;
import io.baton.kvrouter.KvRouter;
import io.baton.kvrouter.Phase;
import io.baton.kvrouter.RouteReceipt;
import io.baton.kvrouter.RouteRequest;
import io.baton.kvrouter.RouterSettings;
import io.baton.kvrouter.WorkerProfile;
import io.baton.kvrouter.WorkerRank;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceiptLogTest {
  private static final int FIRST_TOKEN_ID = 770_000;

  @TempDir Path folder;

  @Test
  void aLineHasTheWholeDecisionWhatBecameOfItAndNoTokenOfThePrompt() throws Exception {
    Path file = folder.resolve("receipts.jsonl");
    int[] prompt = IntStream.range(FIRST_TOKEN_ID, FIRST_TOKEN_ID + 70).toArray();
    try (var log = new ReceiptLog(settings(file, 1 << 20))) {
      log.add(receipt(prompt), new MeasuredLeg("answered", 250, 0, 9), 5_000_000, "trace");
    }

    String text = Files.readString(file);
    JsonNode line = new ObjectMapper().readTree(text);
    assertThat(text).doesNotContain("7700");
    assertThat(line.path("timestamp").asLong()).isEqualTo(5);
    assertThat(line.path("input_length").asInt()).isEqualTo(70);
    assertThat(line.path("output_length").asInt()).isEqualTo(9);
    assertThat(line.path("hash_ids").path(3).asLong())
        .isEqualTo(new BlockHasher(16).hash(prompt).sequence()[3]);
    JsonNode measured = line.path("measured");
    JsonNode runnerUp = line.path("candidates").path(1).path("cost_ms");
    assertThat(measured.path("outcome").asText()).isEqualTo("answered");
    assertThat(measured.path("regret_ms").asDouble())
        .isEqualTo(250 - runnerUp.path("prefill").asDouble());
  }

  @Test
  void theFileIsRotatedAndNothingWaitsForIt() throws Exception {
    Path file = folder.resolve("receipts.jsonl");
    var log = new ReceiptLog(settings(file, 4096));
    RouteReceipt receipt = receipt(new int[64]);
    log.add(receipt, new MeasuredLeg("answered", 1, 0, 1), 0, "trace");
    // What waits together is written together: something must be in the file before the rest.
    await().until(() -> log.written() == 1);
    for (int i = 1; i < 50; i++) {
      log.add(receipt, new MeasuredLeg("answered", 1, 0, 1), i, "trace");
    }
    log.close();

    assertThat(log.written() + log.dropped()).isEqualTo(50);
    assertThat(file.resolveSibling("receipts.jsonl.1")).exists();
    assertThat(log.waiting()).isZero();
  }

  private static ReceiptLog.Settings settings(Path file, long maxSize) {
    return new ReceiptLog.Settings(Optional.of(file), maxSize, 2, 1000);
  }

  private static RouteReceipt receipt(int[] prompt) throws Exception {
    var router = new KvRouter(RouterSettings.defaults(), () -> 1, new SplittableRandom(1));
    for (String id : List.of("w1", "w2")) {
      router.workerJoined(
          new WorkerRank(id, 1, 0), new WorkerProfile(Phase.AGGREGATED, 16, 100, "", true));
    }
    return router.route(RouteRequest.of("r", Phase.AGGREGATED, prompt));
  }
}
