package io.baton.gateway.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.proto.v1.Usage;
import io.baton.telemetry.Metrics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogTest {
  @Test
  void everyRequestIsALineAndFullFilesAreRotated(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("access.jsonl");
    try (var log = new AccessLog(new AccessLog.Settings(Optional.of(file), 2_000, 2, 100))) {
      for (int i = 0; i < 30; i++) {
        log.add(request("request-" + i));
        long written = i + 1L;
        await().until(() -> log.written() == written);
      }
      assertThat(log.dropped()).isZero();
    }
    assertThat(Files.list(folder).map(p -> p.getFileName().toString()))
        .containsExactlyInAnyOrder("access.jsonl", "access.jsonl.1", "access.jsonl.2");
    assertThat(Files.size(file)).isLessThanOrEqualTo(2_000);
    List<String> lines = Files.readAllLines(file);
    JsonNode last = new ObjectMapper().readTree(lines.getLast());
    assertThat(last.path("request_id").asText()).isEqualTo("request-29");
    assertThat(last.path("key").asText()).isEqualTo("alice");
    assertThat(last.path("prompt_tokens").asInt()).isEqualTo(7);
    assertThat(last.path("ttft_seconds").asDouble()).isEqualTo(0.5);
    assertThat(last.path("workers").path(0).asText()).isEqualTo("agg-1");
  }

  @Test
  void whoeverTellsOfARequestNeverWaitsForTheDisk() throws Exception {
    var stuck = new CountDownLatch(1);
    var begun = new CountDownLatch(1);
    try (var log =
        new AccessLog(
            true,
            lines -> {
              begun.countDown();
              released(stuck);
              return true;
            },
            10)) {
      log.add(request("first"));
      begun.await();
      for (int i = 0; i < 100; i++) {
        log.add(request("r" + i));
      }
      assertThat(log.waiting()).isEqualTo(10);
      assertThat(log.dropped()).isEqualTo(90);
      stuck.countDown();
      await().until(() -> log.written() == 11);
    }
  }

  private static void released(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void manyKeysShareOneLabel() {
    try (var metrics = new Metrics()) {
      var usage = new KeyUsage(metrics, 2);
      for (String key : List.of("a", "b", "c", "d", "a", "")) {
        usage.add(key, Usage.newBuilder().setPromptTokens(10).setCompletionTokens(1).build());
      }
      String text = metrics.scrape();
      assertThat(text)
          .contains("baton_gateway_key_requests_total{key=\"a\"} 2.0")
          .contains("baton_gateway_key_requests_total{key=\"b\"} 1.0")
          .contains("baton_gateway_key_requests_total{key=\"other\"} 2.0")
          .contains("baton_gateway_key_tokens_total{key=\"other\",kind=\"prompt\"} 20.0")
          .doesNotContain("key=\"c\"");
    }
  }

  private static AccessRecord request(String id) {
    long start = 1_700_000_000_000_000_000L;
    return new AccessRecord(
        id,
        "0af7651916cd43dd8448eb211c80319c",
        "b7ad6b7169203331",
        "alice",
        "chat",
        "baton-demo",
        200,
        "",
        Usage.newBuilder().setPromptTokens(7).setCompletionTokens(3).build(),
        start,
        start + 1_000,
        start + 500_000_000,
        start + 900_000_000,
        1,
        List.of("agg-1"));
  }
}
