package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Who says that a tool must be called gets a call that fits its schema, on every surface. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForcedToolCallsTest {
  private static final String WEATHER =
      """
      {"type":"object","properties":{"city":{"type":"string","maxLength":10},
       "days":{"type":"integer","minimum":1,"maximum":9}},"required":["city","days"]}
      """;

  private TestFleet fleet;

  @BeforeAll
  void start() throws IOException {
    fleet =
        TestFleet.aggregated("cpu")
            .gatewaySet(
                "models=[{name: baton-demo, path: '" + TestFleet.MODEL + "', tool_parser: hermes}]")
            .start();
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  private static ObjectNode chat(String choice) {
    ObjectNode body = Client.chat("What is the weather?").put("max_tokens", 250);
    body.put("temperature", 1.2).put("seed", 3).put("parallel_tool_calls", false);
    function(body, "get_weather", WEATHER);
    function(body, "now", "{\"type\":\"object\",\"properties\":{}}");
    body.set("tool_choice", Client.json(choice));
    return body;
  }

  private static ObjectNode function(ObjectNode body, String name, String schema) {
    ObjectNode tool = body.withArray("tools").addObject().put("type", "function");
    ObjectNode function = tool.putObject("function").put("name", name);
    function.set("parameters", Client.json(schema));
    return function;
  }

  private static void assertFits(String name, String arguments) {
    JsonNode given = Client.json(arguments);
    if (name.equals("now")) {
      assertThat(given).isEmpty();
      return;
    }
    assertThat(name).isEqualTo("get_weather");
    assertThat(given.get("city").textValue().codePointCount(0, given.get("city").asText().length()))
        .isLessThanOrEqualTo(10);
    assertThat(given.get("days").intValue()).isBetween(1, 9);
  }

  private JsonNode post(String path, ObjectNode body) {
    HttpResponse<String> answer = fleet.client().post(path, body.toString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Client.json(answer.body());
  }

  @Test
  void aRequiredCallIsMadeOnceWhereOnlyOneMayBe() {
    for (int seed = 0; seed < 4; seed++) {
      JsonNode choice =
          post("/v1/chat/completions", chat("\"required\"").put("seed", seed)).at("/choices/0");

      assertThat(choice.get("finish_reason").asText()).isEqualTo("tool_calls");
      assertThat(choice.at("/message/content").isNull()).isTrue();
      assertThat(choice.at("/message/tool_calls")).hasSize(1);
      JsonNode call = choice.at("/message/tool_calls/0/function");
      assertFits(call.get("name").asText(), call.get("arguments").asText());
    }
  }

  @Test
  void aNamedCallIsThatOneAndStreamsWhatItIsWhole() {
    String named = "{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}}";
    JsonNode whole = post("/v1/chat/completions", chat(named)).at("/choices/0");
    JsonNode call = whole.at("/message/tool_calls/0/function");
    assertThat(call.get("name").asText()).isEqualTo("get_weather");
    assertFits("get_weather", call.get("arguments").asText());
    // As OpenAI does: the client knew that a call would come.
    assertThat(whole.get("finish_reason").asText()).isEqualTo("stop");

    var answer =
        fleet.client().post("/v1/chat/completions", chat(named).put("stream", true).toString());
    var arguments = new StringBuilder();
    int pieces = 0;
    for (String line : answer.body().split("\n")) {
      if (line.startsWith("data: {")) {
        JsonNode piece =
            Client.json(line.substring(6)).at("/choices/0/delta/tool_calls/0/function/arguments");
        arguments.append(piece.asText(""));
        pieces += piece.asText("").isEmpty() ? 0 : 1;
      }
    }
    assertThat(arguments).hasToString(call.get("arguments").asText());
    assertThat(pieces).as("arguments stream as they come").isGreaterThan(3);
  }

  @Test
  void responsesAndMessagesForceCallsToo() {
    ObjectNode response = Client.JSON.createObjectNode().put("model", "baton-demo");
    response.put("input", "Weather?").put("temperature", 0).put("tool_choice", "required");
    response.put("parallel_tool_calls", false);
    response
        .putArray("tools")
        .addObject()
        .put("type", "function")
        .put("name", "get_weather")
        .set("parameters", Client.json(WEATHER));
    JsonNode item = post("/v1/responses", response).at("/output/0");
    assertThat(item.get("type").asText()).isEqualTo("function_call");
    assertFits(item.get("name").asText(), item.get("arguments").asText());

    ObjectNode message = Client.chat("Weather?").put("max_tokens", 250);
    message
        .putArray("tools")
        .addObject()
        .put("name", "get_weather")
        .set("input_schema", Client.json(WEATHER));
    for (String type : new String[] {"any", "tool"}) {
      message.putObject("tool_choice").put("type", type).put("name", "get_weather");
      ((ObjectNode) message.get("tool_choice")).put("disable_parallel_tool_use", true);
      JsonNode answer = post("/v1/messages", message);
      assertThat(answer.get("stop_reason").asText()).isEqualTo("tool_use");
      assertThat(answer.at("/content/0/type").asText()).isEqualTo("tool_use");
      assertFits("get_weather", answer.at("/content/0/input").toString());
    }
  }

  @Test
  void aSchemaBeyondTheSubsetIsRefusedOnlyWhereTheClientInsistsOnIt() {
    ObjectNode body = chat("\"required\"");
    body.remove("tools");
    ObjectNode tool = function(body, "f", "{\"type\":\"object\",\"not\":{\"required\":[\"x\"]}}");
    // Nothing else holds an answer of any object together, so it is kept short.
    var lenient = fleet.client().post("/v1/chat/completions", body.put("max_tokens", 8).toString());
    tool.put("strict", true);
    var strict = fleet.client().post("/v1/chat/completions", body.toString());

    assertThat(lenient.statusCode()).as(lenient.body()).isEqualTo(200);
    assertThat(strict.statusCode()).isEqualTo(400);
    assertThat(strict.body()).contains("not").contains("\"param\":\"tools\"");
  }

  @Test
  void aChoiceThatCannotBeIsRefusedByName() {
    var bodies = new TreeMap<String, String>();
    bodies.put(
        "tool_choice", chat("{\"type\":\"function\",\"function\":{\"name\":\"no\"}}").toString());
    bodies.put("ignore_eos", chat("\"required\"").put("ignore_eos", true).toString());
    bodies.put("min_tokens", chat("\"required\"").put("min_tokens", 3).toString());

    bodies.forEach((param, body) -> {
      var answer = fleet.client().post("/v1/chat/completions", body);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(Client.json(answer.body()).at("/error/param").asText()).isEqualTo(param);
    });
  }
}
