package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The demo model says what the reference says, over the whole path. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AnswersTest {
  private static final Path GOLDEN =
      Path.of("..", "models", "golden", "baton-demo.json").toAbsolutePath();

  private TestFleet fleet;

  @BeforeAll
  void start() throws IOException {
    fleet = TestFleet.of("cpu").worker("prefill-1", "prefill").worker("decode-1", "decode").start();
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  @Test
  void unaryAndStreamedAnswersAreTheReferencesColdAndWarm() throws IOException {
    for (JsonNode golden : chats()) {
      ObjectNode body = request(golden);
      String expected = expected(golden);

      JsonNode cold = fleet.client().unary(body.deepCopy());
      var warm = fleet.client().stream(body.deepCopy());

      String name = golden.get("name").asText();
      assertThat(cold.at("/choices/0/message/content").asText()).as(name).isEqualTo(expected);
      assertThat(warm.text()).as(name).isEqualTo(expected);
      assertThat(warm.finishReason()).isEqualTo(cold.at("/choices/0/finish_reason").asText());
      assertThat(warm.done()).isTrue();
    }
  }

  @Test
  void answersDoNotDependOnWhatElseIsInTheBatch() throws Exception {
    List<JsonNode> goldens = chats();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = new ArrayList<Callable<String>>();
      for (int i = 0; i < 48; i++) {
        JsonNode golden = goldens.get(i % goldens.size());
        calls.add(() -> fleet.client().stream(request(golden)).text());
      }
      var answers = threads.invokeAll(calls);
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get()).isEqualTo(expected(goldens.get(i % goldens.size())));
      }
    }
  }

  @Test
  void usageCountsWhatWasSent() {
    var body = Client.chat("What is the capital of France?");
    body.putObject("stream_options").put("include_usage", true);

    var first = fleet.client().stream(body.deepCopy());
    var second = fleet.client().stream(body.deepCopy());

    assertThat(first.usage().path("prompt_tokens").asInt()).isGreaterThan(5);
    assertThat(first.usage().path("completion_tokens").asInt()).isGreaterThan(2);
    assertThat(second.usage().path("completion_tokens"))
        .isEqualTo(first.usage().path("completion_tokens"));
  }

  private static List<JsonNode> chats() throws IOException {
    var chats = new ArrayList<JsonNode>();
    for (JsonNode golden : Client.JSON.readTree(GOLDEN.toFile()).get("cases")) {
      // Baton keeps special-token strings of users text, on purpose: that case differs.
      if (golden.has("messages") && !golden.get("name").asText().contains("special-token")) {
        chats.add(golden);
      }
    }
    return chats;
  }

  private static ObjectNode request(JsonNode golden) {
    ObjectNode body =
        Client.JSON.createObjectNode().put("model", "baton-demo").put("temperature", 0);
    body.set("messages", golden.get("messages"));
    body.put("max_tokens", 64);
    if (golden.has("stop")) {
      body.set("stop", golden.get("stop"));
    }
    return body;
  }

  private static String expected(JsonNode golden) {
    return golden.has("text_until_stop")
        ? golden.get("text_until_stop").asText()
        : golden.get("greedy_text").asText();
  }
}
