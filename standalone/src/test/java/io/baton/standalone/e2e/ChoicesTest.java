package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Several choices, log-probabilities and the other parameters of OpenAI's API, end to end. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChoicesTest {
  private TestFleet fleet;

  @BeforeAll
  void start() throws IOException {
    fleet = TestFleet.aggregated("cpu").start();
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  private static ObjectNode completion(int tokens) {
    return Client.JSON
        .createObjectNode()
        .put("model", "baton-demo")
        .put("temperature", 0)
        .put("max_tokens", tokens)
        .put("ignore_eos", true);
  }

  private JsonNode complete(ObjectNode body) {
    var response = fleet.client().post("/v1/completions", body.toString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Client.json(response.body());
  }

  @Test
  void aRequestForThreeChoicesGetsThreeAndPaysItsPromptOnce() {
    ObjectNode one = Client.chat("Tell me a story.").put("temperature", 1).put("max_tokens", 8);
    one.put("seed", 11).put("ignore_eos", true);
    JsonNode single = fleet.client().unary(one.deepCopy());

    JsonNode three = fleet.client().unary(one.deepCopy().put("n", 3));
    JsonNode again = fleet.client().unary(one.deepCopy().put("n", 3));

    assertThat(three.get("choices")).hasSize(3);
    assertThat(three.at("/choices/2/index").asInt()).isEqualTo(2);
    assertThat(three.at("/choices/0/message")).isEqualTo(single.at("/choices/0/message"));
    assertThat(three.at("/choices/0/message")).isNotEqualTo(three.at("/choices/1/message"));
    assertThat(again.get("choices")).isEqualTo(three.get("choices"));
    assertThat(again.get("system_fingerprint")).isEqualTo(three.get("system_fingerprint"));
    assertThat(three.at("/usage/prompt_tokens")).isEqualTo(single.at("/usage/prompt_tokens"));
    assertThat(three.at("/usage/completion_tokens").asInt()).isEqualTo(24);
  }

  @Test
  void streamedChoicesCarryTheirIndexAndEndOnceEach() {
    ObjectNode body = Client.chat("Hi").put("n", 2).put("max_tokens", 5).put("stream", true);
    body.put("ignore_eos", true).putObject("stream_options").put("include_usage", true);

    var response = fleet.client().post("/v1/chat/completions", body.toString());

    var texts = new TreeMap<Integer, String>();
    var ends = new TreeMap<Integer, Integer>();
    List<JsonNode> chunks = events(response.body());
    for (JsonNode chunk : chunks) {
      for (JsonNode choice : chunk.get("choices")) {
        int index = choice.get("index").asInt();
        texts.merge(index, choice.at("/delta/content").asText(""), String::concat);
        ends.merge(index, choice.get("finish_reason").isNull() ? 0 : 1, Integer::sum);
      }
    }
    assertThat(ends).containsOnlyKeys(0, 1).containsValues(1);
    assertThat(texts.get(0)).isNotEmpty().isEqualTo(texts.get(1));
    assertThat(chunks.getLast().at("/usage/completion_tokens").asInt()).isEqualTo(10);
    assertThat(response.body()).endsWith("data: [DONE]\n\n");
  }

  private static List<JsonNode> events(String body) {
    var events = new ArrayList<JsonNode>();
    body.lines()
        .filter(line -> line.startsWith("data: {"))
        .forEach(line -> events.add(Client.json(line.substring("data: ".length()))));
    return events;
  }

  @Test
  void chatLogprobsCoverEveryTokenWithItsBestRivals() {
    ObjectNode body = Client.chat("What is the capital of France?").put("max_tokens", 6);
    body.put("logprobs", true).put("top_logprobs", 3);

    JsonNode answer = fleet.client().unary(body.deepCopy());
    JsonNode tokens = answer.at("/choices/0/logprobs/content");

    assertThat(tokens).hasSize(answer.at("/usage/completion_tokens").asInt());
    var joined = new StringBuilder();
    for (JsonNode token : tokens) {
      joined.append(token.get("token").asText());
      assertThat(token.get("logprob").asDouble()).isLessThanOrEqualTo(0);
      assertThat(token.get("top_logprobs")).hasSize(3);
      // Greedy: the token is its place's best.
      assertThat(token.at("/top_logprobs/0/token")).isEqualTo(token.get("token"));
    }
    assertThat(joined).hasToString(answer.at("/choices/0/message/content").asText());
    var streamed = fleet.client().post("/v1/chat/completions", body.put("stream", true).toString());
    int count = 0;
    for (JsonNode chunk : events(streamed.body())) {
      count += chunk.at("/choices/0/logprobs/content").size();
    }
    assertThat(count).isEqualTo(tokens.size());
  }

  @Test
  void logprobsOfWhatAStopStringCutsAreCutToo() {
    JsonNode whole = complete(completion(12).put("prompt", "Once upon a time").put("logprobs", 0));
    JsonNode tokens = whole.at("/choices/0/logprobs/tokens");
    String stop = tokens.get(5).asText() + tokens.get(6).asText();
    String text = whole.at("/choices/0/text").asText();

    JsonNode cut =
        complete(
            completion(12).put("prompt", "Once upon a time").put("logprobs", 0).put("stop", stop));

    String kept = cut.at("/choices/0/text").asText();
    assertThat(kept).isEqualTo(text.substring(0, text.indexOf(stop)));
    assertThat(cut.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    var joined = new StringBuilder();
    cut.at("/choices/0/logprobs/tokens").forEach(token -> joined.append(token.asText()));
    assertThat(joined).hasToString(kept);
    assertThat(cut.at("/choices/0/logprobs/text_offset").size())
        .isEqualTo(cut.at("/choices/0/logprobs/tokens").size());
  }

  @Test
  void promptListsAndTokenListsGiveOneChoiceEach() {
    ObjectNode texts = completion(4);
    texts.putArray("prompt").add("Once upon").add("The sun");
    JsonNode list = complete(texts);
    JsonNode first = complete(completion(4).put("prompt", "Once upon"));
    JsonNode second = complete(completion(4).put("prompt", "The sun"));

    assertThat(list.get("choices")).hasSize(2);
    assertThat(list.at("/choices/0/text")).isEqualTo(first.at("/choices/0/text"));
    assertThat(list.at("/choices/1/text")).isEqualTo(second.at("/choices/0/text"));
    assertThat(list.at("/usage/prompt_tokens").asInt())
        .isEqualTo(
            first.at("/usage/prompt_tokens").asInt() + second.at("/usage/prompt_tokens").asInt());

    ObjectNode ids = completion(4);
    ids.putArray("prompt").add(Client.JSON.createArrayNode().add(100).add(200));
    assertThat(complete(ids).at("/usage/prompt_tokens").asInt()).isEqualTo(2);
  }

  @Test
  void anEchoIsThePromptBeforeTheAnswer() {
    JsonNode plain = complete(completion(4).put("prompt", "Once upon"));
    JsonNode echoed = complete(completion(4).put("prompt", "Once upon").put("echo", true));

    assertThat(echoed.at("/choices/0/text").asText())
        .isEqualTo("Once upon" + plain.at("/choices/0/text").asText());
  }

  @Test
  void aPromptIsScoredAsIfTheModelHadWrittenIt() {
    ObjectNode written = completion(8).put("prompt", "Once upon a time").put("logprobs", 2);
    JsonNode answer = complete(written).at("/choices/0");

    // The same text as a prompt, twice: what is cached must not go missing.
    for (int i = 0; i < 2; i++) {
      ObjectNode given = completion(1).put("logprobs", 2).put("echo", true);
      given.put("prompt", "Once upon a time" + answer.get("text").asText());
      JsonNode scored = complete(given).at("/choices/0");
      JsonNode logprobs = scored.get("logprobs");

      var tokens = new StringBuilder();
      logprobs.get("tokens").forEach(token -> tokens.append(token.asText()));
      assertThat(tokens).hasToString(scored.get("text").asText());
      assertThat(logprobs.at("/token_logprobs/0").isNull()).isTrue();
      assertThat(logprobs.at("/top_logprobs/0").isNull()).isTrue();
      assertThat(logprobs.at("/text_offset/0").asInt()).isZero();
      int count = logprobs.get("tokens").size();
      for (int back = 1; back <= 8; back++) {
        String here = "/token_logprobs/" + (count - 1 - back);
        String there = "/logprobs/token_logprobs/" + (8 - back);
        assertThat(logprobs.at("/tokens/" + (count - 1 - back)))
            .isEqualTo(answer.at("/logprobs/tokens/" + (8 - back)));
        assertThat(logprobs.at(here).asDouble())
            .isCloseTo(answer.at(there).asDouble(), within(1e-3));
        assertThat(logprobs.at("/top_logprobs/" + (count - 1 - back))).hasSize(2);
      }
    }
  }

  @Test
  void aLongPromptIsScoredWholeWhileOthersAreServed() {
    ObjectNode body = completion(1).put("logprobs", 0).put("echo", true);
    body.put("prompt", "The cat sat on the mat. ".repeat(40)).put("stream", true);
    var response = fleet.client().post("/v1/completions", body.toString());

    JsonNode first = events(response.body()).getFirst().at("/choices/0");
    assertThat(first.get("text").asText()).startsWith("The cat sat");
    assertThat(first.at("/logprobs/tokens").size()).isGreaterThan(200);
    assertThat(first.at("/logprobs/token_logprobs/200").asDouble()).isNegative();
  }

  @Test
  void bestOfShowsTheMostProbableAndPaysForAll() {
    ObjectNode body = completion(4).put("prompt", "Once upon").put("temperature", 1.5);
    body.put("seed", 5).put("best_of", 4).put("n", 1);
    JsonNode best = complete(body);

    JsonNode all = complete(body.deepCopy().put("n", 4).put("logprobs", 0));
    String likeliest = "";
    double top = Double.NEGATIVE_INFINITY;
    for (JsonNode choice : all.get("choices")) {
      double sum = 0;
      for (JsonNode logprob : choice.at("/logprobs/token_logprobs")) {
        sum += logprob.asDouble();
      }
      if (sum > top) {
        top = sum;
        likeliest = choice.get("text").asText();
      }
    }
    assertThat(best.get("choices")).hasSize(1);
    assertThat(best.at("/choices/0/text").asText()).isEqualTo(likeliest);
    assertThat(best.at("/choices/0/logprobs").isNull()).isTrue();
    assertThat(best.at("/usage/completion_tokens").asInt()).isEqualTo(16);
  }

  @Test
  void aBiasBansAToken() {
    JsonNode plain = complete(completion(1).put("prompt", "Once upon").put("logprobs", 1));
    String chosen = plain.at("/choices/0/logprobs/tokens/0").asText();
    ObjectNode biased = completion(1).put("prompt", "Once upon").put("logprobs", 1);
    ObjectNode bias = biased.putObject("logit_bias");
    for (int id = 0; id < 1024; id++) {
      bias.put(Integer.toString(id), -100);
    }
    for (int id = 1024; id < 2047; id++) {
      bias.put(Integer.toString(id), id == 1500 ? 100 : 0);
    }

    assertThat(complete(biased).at("/choices/0/logprobs/tokens/0").asText()).isNotEqualTo(chosen);
  }

  @Test
  void documentedAsIgnoredMeansTheSameAnswer() {
    JsonNode plain = fleet.client().unary(Client.chat("Hi"));
    ObjectNode decorated = Client.chat("Hi").put("user", "u").put("store", true);
    decorated.put("service_tier", "auto").putObject("metadata").put("a", "b");

    assertThat(fleet.client().unary(decorated).get("choices")).isEqualTo(plain.get("choices"));
  }

  @Test
  void moreChoicesThanTheGatewayAllowsAreRefusedWithTheLimitsName() {
    var response =
        fleet.client().post("/v1/chat/completions", Client.chat("Hi").put("n", 100).toString());

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("limits.max_choices").contains("32");
  }

  @Test
  void developerMessagesReachModelsThatKnowOnlySystem() {
    ObjectNode developer = Client.chat("Hi");
    developer.withArray("messages").insertObject(0).put("role", "developer").put("content", "x");
    ObjectNode system = Client.chat("Hi");
    system.withArray("messages").insertObject(0).put("role", "system").put("content", "x");

    assertThat(fleet.client().unary(developer).get("choices"))
        .isEqualTo(fleet.client().unary(system).get("choices"));
  }
}
