package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Messages, responses, tokenizing, models and HTTP manners, end to end. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SurfacesTest {
  private TestFleet fleet;

  @BeforeAll
  void start() throws IOException {
    fleet =
        TestFleet.aggregated("cpu")
            .gatewaySet(
                "models=[{name: baton-demo, path: '"
                    + TestFleet.MODEL
                    + "', aliases: [gpt-4o], owner: acme, tool_parser: hermes}]")
            .gatewaySet("server.cors_origins=['https://app.example']")
            .gatewaySet("server.max_body=256KiB")
            .gatewaySet("server.sse_keep_alive=5ms")
            .start();
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  private static ObjectNode message(String text) {
    ObjectNode body = Client.JSON.createObjectNode().put("model", "baton-demo");
    body.put("max_tokens", 24).put("temperature", 0);
    body.putArray("messages").addObject().put("role", "user").put("content", text);
    return body;
  }

  private static ObjectNode response(String text) {
    ObjectNode body = Client.JSON.createObjectNode().put("model", "baton-demo");
    return body.put("max_output_tokens", 24).put("temperature", 0).put("input", text);
  }

  private JsonNode post(String path, ObjectNode body) {
    HttpResponse<String> answer = fleet.client().post(path, body.toString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Client.json(answer.body());
  }

  /** Events as their names and data. */
  private List<JsonNode> events(String path, ObjectNode body) {
    var answer = fleet.client().post(path, body.put("stream", true).toString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    var events = new ArrayList<JsonNode>();
    String name = "";
    for (String line : answer.body().split("\n")) {
      if (line.startsWith("event: ")) {
        name = line.substring("event: ".length());
      } else if (line.startsWith("data: ")) {
        JsonNode event = Client.json(line.substring("data: ".length()));
        assertThat(event.get("type").asText()).isEqualTo(name);
        events.add(event);
      }
    }
    return events;
  }

  private String chatText(String text) {
    return fleet
        .client()
        .unary(Client.chat(text).put("max_tokens", 24))
        .at("/choices/0/message/content")
        .asText();
  }

  @Test
  void anAnthropicMessageSaysWhatChatSays() {
    JsonNode message = post("/v1/messages", message("What is the capital of France?"));

    assertThat(message.get("type").asText()).isEqualTo("message");
    assertThat(message.at("/content/0/type").asText()).isEqualTo("text");
    assertThat(message.at("/content/0/text").asText())
        .isEqualTo(chatText("What is the capital of France?"));
    assertThat(message.get("stop_reason").asText()).isIn("end_turn", "max_tokens");
    assertThat(message.at("/usage/output_tokens").asInt()).isPositive();
  }

  @Test
  void aStreamedMessageIsTheSameInBlocks() {
    ObjectNode body = message("What is the capital of France?");
    String whole = post("/v1/messages", body.deepCopy()).at("/content/0/text").asText();

    List<JsonNode> events = events("/v1/messages", body);

    var text = new StringBuilder();
    events.forEach(event -> text.append(event.at("/delta/text").asText("")));
    assertThat(text).hasToString(whole);
    assertThat(events.getFirst().get("type").asText()).isEqualTo("message_start");
    assertThat(events.get(1).get("type").asText()).isEqualTo("content_block_start");
    assertThat(events.getLast().get("type").asText()).isEqualTo("message_stop");
    assertThat(events.get(events.size() - 2).at("/usage/output_tokens").asInt()).isPositive();
  }

  @Test
  void aStopSequenceIsNamed() {
    String text = chatText("Tell me a story.");
    String stop = text.substring(4, 7);

    JsonNode message =
        post(
            "/v1/messages",
            message("Tell me a story.")
                .set("stop_sequences", Client.JSON.createArrayNode().add(stop)));

    assertThat(message.get("stop_reason").asText()).isEqualTo("stop_sequence");
    assertThat(message.get("stop_sequence").asText()).isEqualTo(stop);
    assertThat(message.at("/content/0/text").asText()).doesNotContain(stop);
  }

  @Test
  void messagesCountTheirTokensWithoutAnEngine() {
    ObjectNode body = message("What is the capital of France?");
    JsonNode usage = post("/v1/messages", body.deepCopy()).get("usage");
    body.remove("max_tokens");

    assertThat(post("/v1/messages/count_tokens", body).get("input_tokens").asInt())
        .isEqualTo(
            usage.get("input_tokens").asInt() + usage.get("cache_read_input_tokens").asInt());
  }

  @Test
  void anthropicsErrorsHaveTheirOwnShape() {
    var missing = fleet.client().post("/v1/messages", "{\"model\":\"baton-demo\",\"messages\":[]}");
    var unknown = fleet.client().post("/v1/messages", message("x").put("model", "no").toString());

    assertThat(missing.statusCode()).isEqualTo(400);
    assertThat(Client.json(missing.body()).get("type").asText()).isEqualTo("error");
    assertThat(Client.json(missing.body()).at("/error/type").asText())
        .isEqualTo("invalid_request_error");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(Client.json(unknown.body()).at("/error/type").asText()).isEqualTo("not_found_error");
  }

  @Test
  void aResponseSaysWhatChatSaysAndRepeatsWhatWasAsked() {
    ObjectNode body = response("What is the capital of France?");
    body.putObject("metadata").put("a", "b");

    JsonNode response = post("/v1/responses", body);

    assertThat(response.get("object").asText()).isEqualTo("response");
    assertThat(response.at("/output/0/content/0/text").asText())
        .isEqualTo(chatText("What is the capital of France?"));
    assertThat(response.at("/metadata/a").asText()).isEqualTo("b");
    assertThat(response.at("/usage/total_tokens").asInt())
        .isEqualTo(
            response.at("/usage/input_tokens").asInt()
                + response.at("/usage/output_tokens").asInt());
  }

  @Test
  void aStreamedResponseIsNumberedAndEndsWithTheWhole() {
    List<JsonNode> events = events("/v1/responses", response("Hi"));

    for (int i = 0; i < events.size(); i++) {
      assertThat(events.get(i).get("sequence_number").asInt()).isEqualTo(i);
    }
    var text = new StringBuilder();
    events.stream()
        .filter(event -> event.get("type").asText().equals("response.output_text.delta"))
        .forEach(event -> text.append(event.get("delta").asText()));
    JsonNode last = events.getLast();
    assertThat(last.get("type").asText()).isIn("response.completed", "response.incomplete");
    assertThat(last.at("/response/output/0/content/0/text").asText()).isEqualTo(text.toString());
  }

  @Test
  void aConversationWithToolsReachesTheModelOnEverySurface() {
    ObjectNode body = message("Weather?");
    ObjectNode tool = body.putArray("tools").addObject().put("name", "get_weather");
    tool.putObject("input_schema").put("type", "object");
    var turn = body.withArray("messages").addObject().put("role", "assistant").putArray("content");
    turn.addObject()
        .put("type", "tool_use")
        .put("id", "t1")
        .put("name", "get_weather")
        .putObject("input");
    var result = body.withArray("messages").addObject().put("role", "user").putArray("content");
    result.addObject().put("type", "tool_result").put("tool_use_id", "t1").put("content", "Rain");

    assertThat(post("/v1/messages", body).get("content")).isNotEmpty();
    ObjectNode responses = response("x");
    var input = responses.putArray("input");
    input.addObject().put("role", "user").put("content", "Weather?");
    input
        .addObject()
        .put("type", "function_call")
        .put("call_id", "c1")
        .put("name", "f")
        .put("arguments", "{}");
    input
        .addObject()
        .put("type", "function_call_output")
        .put("call_id", "c1")
        .put("output", "Rain");
    assertThat(post("/v1/responses", responses).get("output")).isNotEmpty();
  }

  @Test
  void stateIsRefusedByName() {
    var answer =
        fleet
            .client()
            .post("/v1/responses", response("x").put("previous_response_id", "r").toString());

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(Client.json(answer.body()).at("/error/param").asText())
        .isEqualTo("previous_response_id");
  }

  @Test
  void textGoesToTokensAndBack() {
    ObjectNode body = Client.JSON.createObjectNode().put("model", "baton-demo");
    JsonNode tokens =
        post(
            "/tokenize", body.deepCopy().put("prompt", "Once upon").put("return_token_strs", true));

    assertThat(tokens.get("count").asInt()).isEqualTo(tokens.get("tokens").size()).isPositive();
    assertThat(tokens.get("token_strs")).hasSameSizeAs(tokens.get("tokens"));
    assertThat(tokens.get("max_model_len").asInt()).isPositive();
    body.set("tokens", tokens.get("tokens"));
    assertThat(post("/detokenize", body).get("prompt").asText()).isEqualTo("Once upon");
  }

  @Test
  void anAliasIsTheModelUnderTheClientsName() {
    JsonNode answer = fleet.client().unary(Client.chat("Hi").put("model", "gpt-4o"));

    assertThat(answer.get("model").asText()).isEqualTo("gpt-4o");
    JsonNode models = Client.json(fleet.client().get("/v1/models")).get("data");
    assertThat(models.findValuesAsText("id")).contains("baton-demo", "gpt-4o");
    assertThat(models.get(0).get("owned_by").asText()).isEqualTo("acme");
    assertThat(models.get(0).get("context_window").asInt()).isPositive();
    assertThat(fleet.client().statusOf("/v1/models/gpt-4o")).isEqualTo(200);
  }

  @Test
  void anUnknownModelIsToldItsNearestNames() {
    var answer =
        fleet
            .client()
            .post("/v1/chat/completions", Client.chat("x").put("model", "baton-dmeo").toString());

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("Did you mean `baton-demo`?");
  }

  @Test
  void theDocumentNamesEveryPostRoute() {
    JsonNode document = Client.json(fleet.client().get("/openapi.json"));

    assertThat(document.get("openapi").asText()).isEqualTo("3.1.0");
    document
        .get("paths")
        .properties()
        .forEach(path -> {
          if (path.getValue().has("post")) {
            assertThat(fleet.client().post(path.getKey(), "{}").statusCode())
                .as(path.getKey())
                .isEqualTo(400);
            assertThat(fleet.client().statusOf(path.getKey())).isEqualTo(405);
          }
        });
  }

  private HttpResponse<String> send(HttpRequest.Builder request, HttpClient.Version version) {
    try (var http = HttpClient.newBuilder().version(version).build()) {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + fleet.port() + path));
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private int gzipped(byte[] body, String encoding) {
    return send(
            request("/v1/chat/completions")
                .header("content-encoding", encoding)
                .POST(BodyPublishers.ofByteArray(body)),
            HttpClient.Version.HTTP_1_1)
        .statusCode();
  }

  @Test
  void packedBodiesAreUnpackedUpToTheLimit() throws IOException {
    byte[] chat =
        Client.chat("Hi").put("max_tokens", 2).toString().getBytes(StandardCharsets.UTF_8);

    assertThat(gzipped(gzip(chat), "gzip")).isEqualTo(200);
    assertThat(gzipped(chat, "identity")).isEqualTo(200);
    assertThat(gzipped(gzip(new byte[64 << 20]), "gzip")).as("a bomb").isEqualTo(413);
    assertThat(gzipped(chat, "gzip")).as("not packed at all").isEqualTo(400);
    assertThat(gzipped(chat, "br")).isEqualTo(415);
  }

  @Test
  void http2IsSpokenInClearText() {
    var answer = send(request("/v1/models").GET(), HttpClient.Version.HTTP_2);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
  }

  @Test
  void continueIsSaidToWhoWaitsForIt() {
    var answer =
        send(
            request("/v1/chat/completions")
                .expectContinue(true)
                .POST(BodyPublishers.ofString(Client.chat("Hi").put("max_tokens", 2).toString())),
            HttpClient.Version.HTTP_1_1);

    assertThat(answer.statusCode()).isEqualTo(200);
  }

  @Test
  void headOptionsAndWrongMethodsAreAnswered() {
    var head =
        send(
            request("/v1/models").method("HEAD", BodyPublishers.noBody()),
            HttpClient.Version.HTTP_1_1);
    var options =
        send(
            request("/v1/chat/completions").method("OPTIONS", BodyPublishers.noBody()),
            HttpClient.Version.HTTP_1_1);
    var wrong = send(request("/v1/chat/completions").GET(), HttpClient.Version.HTTP_1_1);

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(options.statusCode()).isEqualTo(204);
    assertThat(options.headers().firstValue("allow")).contains("POST, OPTIONS");
    assertThat(wrong.statusCode()).isEqualTo(405);
    assertThat(wrong.headers().firstValue("allow")).contains("POST");
    assertThat(options.headers().firstValue("x-trace-id")).isPresent();
  }

  @Test
  void browsersOfConfiguredOriginsMayComeAndOthersMayNot() {
    var ours =
        send(
            request("/v1/models").header("Origin", "https://app.example").GET(),
            HttpClient.Version.HTTP_1_1);
    var theirs =
        send(
            request("/v1/models").header("Origin", "https://evil.example").GET(),
            HttpClient.Version.HTTP_1_1);

    assertThat(ours.headers().firstValue("access-control-allow-origin"))
        .contains("https://app.example");
    assertThat(theirs.headers().firstValue("access-control-allow-origin")).isEmpty();
  }

  @Test
  void aSilentStreamIsKeptAliveByComments() {
    var answer =
        fleet
            .client()
            .post(
                "/v1/chat/completions",
                Client.longChat("Tell me a story.", 300).put("n", 8).toString());

    assertThat(answer.body()).endsWith("data: [DONE]\n\n");
    // With so short an interval some pause between tokens is longer.
    assertThat(answer.body()).contains(": keep-alive\n\n");
  }
}
