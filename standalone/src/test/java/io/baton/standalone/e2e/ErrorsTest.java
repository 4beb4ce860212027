package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Bad input gets OpenAI's envelope with the right status, names the parameter, and loses nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ErrorsTest {
  private TestFleet fleet;

  @BeforeAll
  void start() throws IOException {
    fleet =
        TestFleet.aggregated("sim")
            .gatewaySet("server.max_body=64KiB")
            .gatewaySet("limits.request_timeout=3s")
            .start();
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{                                                        | 400 | null",
        "[]                                                       | 400 | null",
        "{\"messages\": []}                                       | 400 | model",
        "{\"model\": \"gpt-4\", \"messages\": []}                 | 404 | model",
        "{\"model\": \"baton-demo\"}                              | 400 | messages",
        "{\"model\": \"baton-demo\", \"messages\": [{}]}          | 400 | messages[0].role",
        "{\"model\": \"baton-demo\", \"messages\": [{\"role\": \"user\", \"content\": 5}]} | 400 | messages[0].content",
        "{\"model\": \"baton-demo\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"temperature\": 9} | 400 | temperature",
        "{\"model\": \"baton-demo\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"max_tokens\": 0}  | 400 | max_tokens",
        "{\"model\": \"baton-demo\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"stop\": [\"\"]}   | 400 | stop",
        "{\"model\": \"baton-demo\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"n\": 0}           | 400 | n",
      })
  void aBadRequestIsToldWithItsParameter(String body, int status, String param) {
    HttpResponse<String> response = fleet.client().post("/v1/chat/completions", body);

    assertThat(response.statusCode()).isEqualTo(status);
    JsonNode error = Client.json(response.body()).get("error");
    assertThat(error.get("message").asText()).isNotBlank();
    assertThat(error.get("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.get("param").asText()).isEqualTo(param);
    assertThat(error.has("code")).isTrue();
    assertThat(response.headers().firstValue("x-request-id")).isPresent();
    assertThat(response.headers().firstValue("x-trace-id").orElse("")).hasSize(32);
  }

  @Test
  void aPromptThatDoesNotFitTheContextIsRefusedBeforeTheFirstByte() {
    var response =
        fleet.client().post("/v1/chat/completions", Client.chat("word ".repeat(4000)).toString());

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(Client.json(response.body()).at("/error/code").asText())
        .isEqualTo("context_length_exceeded");
  }

  @Test
  void aBodyBeyondTheLimitIsRefusedNamingTheLimit() {
    var response =
        fleet.client().post("/v1/chat/completions", Client.chat("x".repeat(70_000)).toString());

    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).contains("65536");
  }

  @Test
  void aDeadlineThatPassesBeforeTheFirstByteIs504AndStopsTheEngine() {
    var slow = Client.longChat("Count.", 2000).put("stream", false);

    var response = fleet.client().post("/v1/chat/completions", slow.toString());

    assertThat(response.statusCode()).isEqualTo(504);
    await()
        .atMost(Duration.ofSeconds(2))
        .until(() -> fleet.metric("agg-1", "baton_engine_used_blocks") == 0);
  }

  @Test
  void unknownRoutesAndWrongMethodsHaveTheEnvelopeToo() {
    var unknown = fleet.client().post("/v1/nothing", "{}");

    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(Client.json(unknown.body()).at("/error/code").asText()).isEqualTo("unknown_url");
    assertThat(fleet.client().statusOf("/v1/chat/completions")).isEqualTo(405);
    assertThat(fleet.client().statusOf("/v1/models/none")).isEqualTo(404);
  }

  @Test
  void theRequestIdOfTheClientComesBack() {
    var response =
        fleet
            .client()
            .post(
                "/v1/chat/completions",
                Client.longChat("x", 2).put("stream", false).toString(),
                "x-request-id",
                "my-id-7");

    assertThat(response.headers().firstValue("x-request-id")).contains("my-id-7");
  }

  @Test
  void healthModelsAndMetricsAreServed() {
    assertThat(fleet.client().get("/v1/models")).contains("\"id\":\"baton-demo\"");
    assertThat(fleet.client().statusOf("/v1/models/baton-demo")).isEqualTo(200);
    assertThat(fleet.client().statusOf("/live")).isEqualTo(200);
    assertThat(fleet.client().get("/health")).contains("\"agg-1\"");
    assertThat(fleet.client().get("/metrics"))
        .contains("baton_gateway_requests_total")
        .contains("baton_transport_chunks_received_total");
  }
}
