package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What routing says of itself on a live fleet, and what a request may ask of it. */
class ExplainedRoutesTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String EXPLAIN = "/v1/route/explain";
  @TempDir static Path folder;
  private static TestFleet fleet;

  @BeforeAll
  static void start() throws Exception {
    fleet =
        TestFleet.of("sim")
            .worker("w1", "aggregated", "labels=[zone=a]")
            .worker("w2", "aggregated", "labels=[zone=b]")
            .worker("w3", "aggregated", "labels=[zone=b]")
            .gatewaySet("router.receipts.path=" + receipts())
            .start();
  }

  @AfterAll
  static void stop() {
    fleet.close();
  }

  private static Path receipts() {
    return folder.resolve("receipts.jsonl");
  }

  @Test
  void anExplanationIsWhatTheNextRequestDoesAndItsTermsAddUp() {
    Set<String> workers = new HashSet<>();
    int cached = 0;
    for (int i = 0; i < 12; i++) {
      String body = question(i % 4);
      // Learnt speeds and the workers' caches settle when a request has ended.
      await().until(() -> fleet.metric("w1", "baton_worker_live_legs") == 0);
      JsonNode explained = explain(body).path("legs").path(0);

      JsonNode real = receipt(fleet.client().post(CHAT, body, "x-baton-receipt", "1"));

      assertThat(real.path("worker")).as(real.toString()).isEqualTo(explained.path("worker"));
      assertThat(real.path("overlap")).isEqualTo(explained.path("overlap"));
      JsonNode cost = real.path("candidates").path(0).path("cost_ms");
      double sum = 0;
      for (JsonNode term : cost) {
        sum += term.asDouble();
      }
      assertThat(sum - cost.path("total").asDouble())
          .isCloseTo(cost.path("total").asDouble(), org.assertj.core.api.Assertions.within(1e-6));
      workers.add(real.path("worker").asText());
      cached += real.path("overlap_tokens").asInt();
    }
    assertThat(workers).hasSizeGreaterThan(1);
    assertThat(cached).isPositive();
  }

  @Test
  void askingLeavesNothingBehind() {
    double before = metric("baton_router_decisions_total");

    explain(question(90));

    assertThat(metric("baton_router_decisions_total")).isEqualTo(before);
    assertThat(metric("baton_router_active_reservations")).isZero();
  }

  @Test
  void operatorsAskOnTheirOwnPort() {
    HttpResponse<String> answer = fleet.admin().post(EXPLAIN + "?x-baton-worker=w2", question(91));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(Client.json(answer.body()).path("legs").path(0).path("worker").asText())
        .isEqualTo("w2");
  }

  @Test
  void aRequestGoesToTheWorkerItNames() {
    for (String worker : List.of("w3", "w1", "w2")) {
      var answer =
          fleet.client().post(CHAT, question(92), "x-baton-worker", worker, "x-baton-receipt", "1");
      assertThat(receipt(answer).path("worker").asText()).isEqualTo(worker);
    }
  }

  @Test
  void aRequestGoesOnlyWhereItsLabelsAre() {
    for (int i = 0; i < 6; i++) {
      var answer =
          fleet
              .client()
              .post(CHAT, question(100 + i), "x-baton-labels", "zone=b", "x-baton-receipt", "1");
      assertThat(receipt(answer).path("worker").asText()).isIn("w2", "w3");
    }
  }

  @Test
  void aWishThatNoWorkerMeetsIsAClearError() {
    var unknown = fleet.client().post(CHAT, question(1), "x-baton-worker", "w9");
    assertThat(unknown.statusCode()).isEqualTo(400);
    assertThat(unknown.body())
        .contains("x-baton-worker: w9 (expected: a worker of pool default: w1, w2, w3)");

    var nowhere = fleet.client().post(CHAT, question(1), "x-baton-labels", "zone=c");
    assertThat(nowhere.statusCode()).isEqualTo(400);
    assertThat(nowhere.body()).contains("zone=c");
  }

  @Test
  void everyLegLeavesALineThatTheGymReads() throws Exception {
    fleet.client().post(CHAT, question(93));
    await().until(() -> Files.exists(receipts()) && Files.size(receipts()) > 0);

    String text = Files.readString(receipts());
    JsonNode line = Client.json(text.lines().toList().getLast());
    assertThat(text).doesNotContain("mountains");
    assertThat(line.path("measured").path("outcome").asText()).isEqualTo("answered");
    assertThat(line.path("measured").path("first_token_ms").asDouble()).isPositive();
    assertThat(line.path("hash_ids")).isNotEmpty();
  }

  private static JsonNode explain(String body) {
    HttpResponse<String> answer = fleet.client().post(EXPLAIN, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Client.json(answer.body());
  }

  private static JsonNode receipt(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Client.json(answer.headers().firstValue("x-baton-receipt").orElseThrow()).path(0);
  }

  private static double metric(String name) {
    return Client.metric(fleet.client().get("/metrics"), name);
  }

  private static String question(int number) {
    String text = ("Tell me of the mountains number " + number + ". ").repeat(12);
    return Client.chat(text).put("max_tokens", 4).toString();
  }
}
