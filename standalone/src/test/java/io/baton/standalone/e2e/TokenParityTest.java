package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.standalone.doctor.DoctorCommand;
import io.baton.standalone.fake.StandIn;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * An engine that makes other tokens of a conversation than the gateway is not routed to by prefix.
 */
class TokenParityTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void aWorkerWhoseTokensAreOthersServesButNotByPrefixAndEverybodyIsTold() throws IOException {
    try (StandIn same = StandIn.vllm(arguments());
        StandIn other = StandIn.vllm(arguments("--fault=other_tokens"));
        TestFleet fleet =
            TestFleet.of("vllm")
                .withoutCheckpoint()
                .worker("same-1", "aggregated", "server.url=" + same.url())
                .worker("other-1", "aggregated", "server.url=" + other.url())
                .start()) {
      JsonNode workers = Client.json(fleet.client().get("/health")).at("/pools/0/workers");
      for (JsonNode worker : workers) {
        boolean differs = worker.path("id").asText().equals("other-1");
        assertThat(worker.path("kv_routing_off").isTextual()).isEqualTo(differs);
        assertThat(worker.path("kv_routing_off").asText(""))
            .contains(differs ? "other tokens of one message" : "");
      }
      assertThat(
              Client.metric(
                  fleet.client().get("/metrics"), "baton_router_workers_without_kv_routing"))
          .isEqualTo(1);
      assertThat(doctorOn(fleet.client().base()))
          .contains("worker other-1 is not routed to by prefix")
          .contains("models=[{name: NAME, path: DIR}]")
          .doesNotContain("same-1");

      assertOnlyTheSameIsFoundByPrefix(fleet);
    }
  }

  /** The router's index holds what one of the two workers published, never what the other did. */
  private static void assertOnlyTheSameIsFoundByPrefix(TestFleet fleet) {
    for (int i = 0; i < 12; i++) {
      ObjectNode body =
          Client.chat("A prompt of some blocks, number " + i + ". ".repeat(60))
              .put("max_tokens", 2);
      fleet.client().unary(body);
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          double published = fleet.metric("same-1", "baton_engine_kv_blocks_total");
          double indexed =
              Client.metric(fleet.client().get("/metrics"), "baton_router_index_blocks");
          assertThat(fleet.metric("other-1", "baton_engine_kv_blocks_total")).isPositive();
          assertThat(indexed).isPositive().isLessThanOrEqualTo(published);
        });
  }

  private static String[] arguments(String... more) throws IOException {
    var all = new java.util.ArrayList<>(java.util.List.of(more));
    all.add("--model=" + TestFleet.MODEL);
    all.add("--kv-endpoint=tcp://127.0.0.1:" + TestFleet.freePort());
    all.add("--kv-replay-endpoint=tcp://127.0.0.1:" + TestFleet.freePort());
    return all.toArray(String[]::new);
  }

  private static String doctorOn(String url) {
    var printed = new java.io.ByteArrayOutputStream();
    PrintStream before = System.out;
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      assertThat(new CommandLine(new DoctorCommand()).execute(url)).isEqualTo(1);
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
