package io.baton.prompt.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.prompt.AnswerParser;
import io.baton.prompt.grammar.Grammar;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An answer that must be calls can be nothing else, and is read as calls however it is cut. */
class ForcedCallsTest {
  private static final String TWO_CALLS =
      "[{\"name\":\"get_weather\",\"parameters\":{\"city\":\"P]}\\\"aris\"}}, {\"name\":\"now\",\"parameters\":{}}]";

  private static Map<String, Map<String, Object>> tools() {
    Map<String, Map<String, Object>> tools = new LinkedHashMap<>();
    tools.put(
        "get_weather",
        Map.of(
            "properties", Map.of("city", Map.of("type", "string")), "required", List.of("city")));
    tools.put("now", Map.of("type", "object", "properties", Map.of()));
    return tools;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[{\"name\":\"get_weather\",\"parameters\":{\"city\":\"Paris\"}}] | true",
        "[{\"name\":\"now\",\"parameters\":{}}] | true",
        "[{\"name\":\"now\",\"parameters\":{\"x\":1}}] | false",
        "[{\"name\":\"get_weather\",\"parameters\":{}}] | false",
        "[{\"name\":\"other\",\"parameters\":{}}] | false",
        "[] | false",
        "It rains. | false",
      })
  void onlyCallsOfTheToolsFitTheSchema(String answer, boolean fits) throws Exception {
    assertThat(accepts(ForcedCalls.schema(tools(), true), answer)).isEqualTo(fits);
  }

  @Test
  void thereAreSeveralCallsOnlyWhereSeveralMayBe() throws Exception {
    assertThat(accepts(ForcedCalls.schema(tools(), true), TWO_CALLS)).isTrue();
    assertThat(accepts(ForcedCalls.schema(tools(), false), TWO_CALLS)).isFalse();
  }

  @Test
  void referencesWithinASchemaStillMeanThatSchema() throws Exception {
    Map<String, Object> tree =
        new ObjectMapper()
            .readValue(
                """
                {"type":"object","properties":{"root":{"$ref":"#/$defs/node"}},"required":["root"],
                 "$defs":{"node":{"type":"object","properties":{"value":{"type":"integer"},
                   "below":{"type":"array","items":{"$ref":"#/$defs/node"}}},"required":["value","below"]}}}
                """,
                new TypeReference<LinkedHashMap<String, Object>>() {});
    Map<String, Map<String, Object>> tools = tools();
    tools.put("plant", tree);
    String schema = ForcedCalls.schema(tools, false);
    String call = "[{\"name\":\"plant\",\"parameters\":{\"root\":{\"value\":1,\"below\":[%s]}}}]";

    assertThat(accepts(schema, call.formatted("{\"value\":2,\"below\":[]}"))).isTrue();
    assertThat(accepts(schema, call.formatted("{\"value\":\"x\",\"below\":[]}"))).isFalse();
  }

  private static boolean accepts(String schema, String answer) throws Exception {
    return Grammar.ofSchema(schema).accepts(answer.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void callsAreReadHoweverTheyAreCut() {
    List<String> calls =
        List.of(
            "call: get_weather",
            "arguments: {\"city\":\"P]}\\\"aris\"}",
            "call: now",
            "arguments: {}");
    for (int i = 0; i <= TWO_CALLS.length(); i++) {
      for (int j = i; j <= TWO_CALLS.length(); j++) {
        String[] pieces = {
          TWO_CALLS.substring(0, i), TWO_CALLS.substring(i, j), TWO_CALLS.substring(j)
        };
        assertThat(read(pieces)).as("cut at %d and %d", i, j).isEqualTo(calls);
      }
    }
  }

  @Test
  void anAnswerThatIsCutOffOrNoCallLosesNothing() {
    assertThat(read("[{\"name\":\"now\",\"parameters\":{\"a\":\"b"))
        .containsExactly("call: now", "arguments: {\"a\":\"b");
    assertThat(read("[{\"na")).containsExactly("content: [{\"na");
    assertThat(read("It rains.")).containsExactly("content: It rains.");
    assertThat(read("[1, 2]")).containsExactly("content: [1, 2]");
  }

  private static List<String> read(String... pieces) {
    var heard = new Heard();
    AnswerParser parser = ForcedCalls.parser(heard);
    for (String piece : pieces) {
      parser.accept(piece);
    }
    parser.finish();
    return heard.said();
  }
}
