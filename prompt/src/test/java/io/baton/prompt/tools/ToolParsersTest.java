package io.baton.prompt.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.baton.prompt.AnswerParser;
import io.baton.prompt.reasoning.ReasoningFamily;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every family's transcripts mean what they should, however they are cut into pieces. */
class ToolParsersTest {
  private static final ToolSchemas TOOLS =
      ToolSchemas.of(
          Map.of(
              "get_weather",
              Map.of(
                  "properties",
                  Map.of(
                      "city", Map.of("type", "string"),
                      "days", Map.of("type", "integer"),
                      "tags", Map.of("type", "array")))));

  private static Arguments golden(ToolFamily family, String text, String... said) {
    return arguments(family, text, List.of(said));
  }

  private static final String HERMES =
      "Let me look.\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Pa\\\"r}is\", \"days\": 3}}\n"
          + "</tool_call>\n<tool_call>\n{\"arguments\": {}, \"name\": \"now\"}\n</tool_call>";
  private static final String CODER =
      "Sure.\n<tool_call>\n<function=get_weather>\n<parameter=city>\nNew\nYork 7\n</parameter>\n<parameter=days>\n3\n"
          + "</parameter>\n<parameter=tags>\n[\"a\", 1]\n</parameter>\n</function>\n</tool_call>";
  private static final String GLM =
      "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>12</arg_value>\n<arg_key>days</arg_key>\n"
          + "<arg_value>12</arg_value>\n</tool_call>\n<tool_call>now\n</tool_call>";
  private static final String DEEPSEEK =
      "One moment.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n"
          + "{\"city\": \"Paris\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{}\n"
          + "```<｜tool▁call▁end｜><｜tool▁calls▁end｜>";
  private static final String DEEPSEEK_1 =
      "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\": \"Paris\"}<｜tool▁call▁end｜>"
          + "<｜tool▁calls▁end｜>";
  private static final String KIMI =
      "Ok<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>"
          + "{\"city\": \"Beijing\"}<|tool_call_end|><|tool_call_begin|>functions.now:1<|tool_call_argument_begin|>{}"
          + "<|tool_call_end|><|tool_calls_section_end|>";
  private static final String HARMONY =
      "<|channel|>analysis<|message|>I must look.<|end|><|start|>assistant<|channel|>commentary<|message|>Looking."
          + "<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>"
          + "{\"city\":\"SF\"}<|call|>";

  static Stream<Arguments> goldens() {
    String paris = "arguments: {\"city\": \"Paris\"}";
    return Stream.of(
        golden(
            ToolFamily.HERMES,
            HERMES,
            "content: Let me look.\n",
            "call: get_weather",
            "arguments: {\"city\": \"Pa\\\"r}is\", \"days\": 3}",
            "call: now",
            "arguments: {}"),
        golden(
            ToolFamily.QWEN3_CODER,
            CODER,
            "content: Sure.\n",
            "call: get_weather",
            "arguments: {\"city\": \"New\\nYork 7\", \"days\": 3, \"tags\": [\"a\", 1]}"),
        golden(ToolFamily.QWEN3_CODER, "<function=now>\n</function>", "call: now", "arguments: {}"),
        golden(
            ToolFamily.LLAMA3_JSON,
            "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}}; "
                + "{\"name\": \"get_weather\", \"parameters\": {}}",
            "call: get_weather",
            paris,
            "call: get_weather",
            "arguments: {}"),
        golden(
            ToolFamily.LLAMA3_JSON,
            "<|python_tag|>{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}}",
            "call: get_weather",
            paris),
        golden(
            ToolFamily.LLAMA4_PYTHONIC,
            "[get_weather(city='Pa)r\"is', days=3, tags=[True, None, {'a': 1.5}]), now()]",
            "call: get_weather",
            "arguments: {\"city\": \"Pa)r\\\"is\", \"days\": 3, \"tags\": [true, null, {\"a\": 1.5}]}",
            "call: now",
            "arguments: {}"),
        golden(
            ToolFamily.LLAMA4_PYTHONIC,
            "<|python_start|>[now()]<|python_end|>",
            "call: now",
            "arguments: {}"),
        golden(
            ToolFamily.MISTRAL,
            "[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}, \"id\": \"abc123def\"},"
                + " {\"name\": \"now\", \"arguments\": {}}]",
            "call: get_weather",
            paris,
            "call: now",
            "arguments: {}"),
        golden(
            ToolFamily.MISTRAL,
            "Hm.[TOOL_CALLS]get_weather[CALL_ID]abc123def[ARGS]{\"city\": \"Paris\"}[TOOL_CALLS]now{}",
            "content: Hm.",
            "call: get_weather abc123def",
            paris,
            "call: now",
            "arguments: {}"),
        golden(
            ToolFamily.DEEPSEEK_V3,
            DEEPSEEK,
            "content: One moment.",
            "call: get_weather",
            paris,
            "call: now",
            "arguments: {}"),
        golden(ToolFamily.DEEPSEEK_V3_1, DEEPSEEK_1, "call: get_weather", paris),
        golden(
            ToolFamily.KIMI_K2,
            KIMI,
            "content: Ok",
            "call: get_weather functions.get_weather:0",
            "arguments: {\"city\": \"Beijing\"}",
            "call: now functions.now:1",
            "arguments: {}"),
        golden(
            ToolFamily.GLM45,
            GLM,
            "call: get_weather",
            "arguments: {\"city\": \"12\", \"days\": 12}",
            "call: now",
            "arguments: {}"),
        golden(
            ToolFamily.HARMONY,
            HARMONY,
            "reasoning: I must look.",
            "content: Looking.",
            "call: get_weather",
            "arguments: {\"city\":\"SF\"}"),
        golden(
            ToolFamily.HARMONY,
            "<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>4<|return|>",
            "reasoning: Easy.",
            "content: 4"));
  }

  /** What is no call after all is shown, marker and all. */
  static Stream<Arguments> malformed() {
    return Stream.of(
        golden(ToolFamily.HERMES, "a <tool_call> is a tag", "content: a <tool_call> is a tag"),
        golden(ToolFamily.HERMES, "<tool_call>{\"name\": 5}", "content: <tool_call>{\"name\": 5}"),
        golden(ToolFamily.HERMES, "<tool_call>\n{\"na", "content: <tool_call>\n{\"na"),
        golden(ToolFamily.HERMES, "x <tool_ca", "content: x <tool_ca"),
        golden(
            ToolFamily.HERMES,
            "<tool_call>oops<tool_call>{\"name\": \"now\"}</tool_call>",
            "content: <tool_call>oops",
            "call: now",
            "arguments: {}"),
        golden(ToolFamily.LLAMA3_JSON, "{\"name\": \"Bob\"}", "content: {\"name\": \"Bob\"}"),
        golden(
            ToolFamily.LLAMA3_JSON,
            "{\"name\": \"unknown\", \"parameters\": {}}",
            "content: {\"name\": \"unknown\", \"parameters\": {}}"),
        golden(ToolFamily.LLAMA4_PYTHONIC, "[1] says (so)", "content: [1] says (so)"),
        golden(ToolFamily.LLAMA4_PYTHONIC, "[f(a=", "content: [f(a="),
        golden(ToolFamily.MISTRAL, "[TOOL_CALLS] no, not", "content: [TOOL_CALLS] no, not"),
        golden(ToolFamily.MISTRAL, "[TOOL_CALLS][5]", "content: [TOOL_CALLS][5]"),
        golden(
            ToolFamily.DEEPSEEK_V3,
            "<｜tool▁calls▁begin｜>well",
            "content: <｜tool▁calls▁begin｜>well"),
        golden(
            ToolFamily.KIMI_K2,
            "<|tool_calls_section_begin|><|tool_call_begin|>a b<|tool_call_argument_begin|>{}",
            "content: <|tool_calls_section_begin|><|tool_call_begin|>a b<|tool_call_argument_begin|>{}"),
        golden(ToolFamily.GLM45, "<tool_call>no name\n", "content: <tool_call>no name\n"),
        golden(
            ToolFamily.QWEN3_CODER,
            "<tool_call>{\"name\": \"now\"}",
            "content: <tool_call>{\"name\": \"now\"}"),
        golden(ToolFamily.HARMONY, "Just text.", "content: Just text."),
        golden(
            ToolFamily.HERMES,
            "<tool_call>{\"name\": \"now\", \"arguments\": {\"a\": 1",
            "call: now",
            "arguments: {\"a\": 1"));
  }

  @ParameterizedTest
  @MethodSource({"goldens", "malformed"})
  void aTranscriptMeansTheSameHoweverItIsCut(ToolFamily family, String text, List<String> said) {
    assertThat(read(family, text)).isEqualTo(said);
    assertThat(read(family, text.split(""))).isEqualTo(said);
    for (int i = 0; i <= text.length(); i++) {
      for (int j = i; j <= text.length(); j += 1 + (j - i) / 6) {
        String[] pieces = {text.substring(0, i), text.substring(i, j), text.substring(j)};
        assertThat(read(family, pieces)).as("cut at %d and %d", i, j).isEqualTo(said);
      }
    }
  }

  /** Letters of markers in any order: nothing breaks, and cuts do not matter. */
  @ParameterizedTest
  @EnumSource(ToolFamily.class)
  void nonsenseIsReadTheSameHoweverItIsCut(ToolFamily family) {
    var random = new SplittableRandom(family.ordinal());
    List<String> parts =
        Stream.concat(
                family.markers().stream(),
                Stream.of(
                    "{", "}", "[", "]", "\"name\"", ":", "\"now\"", "arguments", " ", "x", "\n"))
            .filter(part -> !part.isEmpty())
            .sorted()
            .toList();
    for (int run = 0; run < 400; run++) {
      var text = new StringBuilder();
      for (int i = random.nextInt(1, 30); i > 0; i--) {
        text.append(parts.get(random.nextInt(parts.size())));
      }
      String whole = text.toString();
      int cut = random.nextInt(whole.length() + 1);
      List<String> said = read(family, whole);
      assertThat(read(family, whole.substring(0, cut), whole.substring(cut)))
          .as(whole)
          .isEqualTo(said);
      assertThat(read(family, whole.split(""))).as(whole).isEqualTo(said);
    }
  }

  @Test
  void reasoningIsSplitFromTheAnswerAndFromCalls() {
    String text = "<think>\nHm, <b>?\n</think>\n\n" + HERMES;
    for (int cut = 0; cut <= text.length(); cut++) {
      var heard = new Heard();
      AnswerParser parser =
          ReasoningFamily.THINK.parser(false, heard, ToolFamily.HERMES.parser(heard, TOOLS));
      parser.accept(text.substring(0, cut));
      parser.accept(text.substring(cut));
      parser.finish();
      assertThat(heard.said())
          .startsWith("reasoning: Hm, <b>?", "content: Let me look.\n", "call: get_weather");
    }
  }

  @Test
  void reasoningThatThePromptOpenedNeedsNoOpening() {
    var heard = new Heard();
    AnswerParser parser =
        ReasoningFamily.THINK.parser(true, heard, ToolFamily.NONE.parser(heard, TOOLS));
    parser.accept("So");
    assertThat(parser.inReasoning()).isTrue();
    parser.accept(".</think>4");
    assertThat(parser.inReasoning()).isFalse();
    parser.finish();

    assertThat(heard.said()).containsExactly("reasoning: So.", "content: 4");
    assertThat(ReasoningFamily.THINK.opened("<|im_start|>assistant\n<think>\n")).isTrue();
  }

  @Test
  void anAnswerWithoutReasoningIsAnAnswer() {
    var heard = new Heard();
    AnswerParser parser =
        ReasoningFamily.THINK.parser(false, heard, ToolFamily.NONE.parser(heard, TOOLS));
    parser.accept("<thin ice> <think>");
    parser.finish();

    assertThat(heard.said()).containsExactly("content: <thin ice> <think>");
  }

  private static List<String> read(ToolFamily family, String... pieces) {
    var heard = new Heard();
    AnswerParser parser = family.parser(heard, TOOLS);
    for (String piece : pieces) {
      parser.accept(piece);
    }
    parser.finish();
    return heard.said();
  }
}
