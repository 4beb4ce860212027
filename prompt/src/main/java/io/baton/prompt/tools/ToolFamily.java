package io.baton.prompt.tools;

import io.baton.prompt.AnswerParser;
import io.baton.prompt.AnswerSink;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** How a family of models writes tool calls. */
public enum ToolFamily {
  /** No calls: all is text. */
  NONE,
  HERMES,
  QWEN3_CODER,
  LLAMA3_JSON,
  LLAMA4_PYTHONIC,
  MISTRAL,
  DEEPSEEK_V3,
  DEEPSEEK_V3_1,
  KIMI_K2,
  GLM45,
  HARMONY;

  /** The family whose markers a chat template writes. */
  public static ToolFamily of(String template) {
    if (template.contains("<|channel|>")) {
      return HARMONY;
    }
    if (template.contains("<|tool_call_begin|>")) {
      return KIMI_K2;
    }
    if (template.contains("<\uFF5Ctool\u2581calls\u2581begin\uFF5C>")) {
      return template.contains("```json") ? DEEPSEEK_V3 : DEEPSEEK_V3_1;
    }
    if (template.contains("<arg_key>")) {
      return GLM45;
    }
    if (template.contains("<function=") && template.contains("<parameter=")) {
      return QWEN3_CODER;
    }
    if (template.contains("<tool_call>")) {
      return HERMES;
    }
    if (template.contains("[TOOL_CALLS]")) {
      return MISTRAL;
    }
    if (template.contains("<|python_start|>") || template.contains("func_name1(params_name1=")) {
      return LLAMA4_PYTHONIC;
    }
    boolean llama = template.contains("<|start_header_id|>") && template.contains("tools");
    return llama ? LLAMA3_JSON : NONE;
  }

  /** Special tokens that must reach the parser as text. */
  public Set<String> markers() {
    return switch (this) {
      case NONE -> Set.of();
      case HERMES, QWEN3_CODER, GLM45 ->
          Set.of(
              "<tool_call>",
              "</tool_call>",
              "<arg_key>",
              "</arg_key>",
              "<arg_value>",
              "</arg_value>");
      case LLAMA3_JSON -> Set.of(LlamaJsonParser.TAG);
      case LLAMA4_PYTHONIC -> Set.of(PythonicParser.START, PythonicParser.END);
      case MISTRAL -> Set.of(MistralParser.MARKER, "[ARGS]", "[CALL_ID]");
      case DEEPSEEK_V3, DEEPSEEK_V3_1 ->
          markers(SectionParser.DEEPSEEK_V3, "<\uFF5Ctool\u2581sep\uFF5C>");
      case KIMI_K2 -> markers(SectionParser.KIMI_K2, "");
      case HARMONY -> Set.copyOf(HarmonyParser.MARKERS);
    };
  }

  private static Set<String> markers(SectionParser.Marks marks, String more) {
    var all =
        new HashSet<>(
            List.of(
                marks.sectionBegin(),
                marks.callBegin(),
                marks.beforeArguments(),
                marks.callEnd(),
                marks.sectionEnd()));
    all.add(more);
    return all;
  }

  /** A parser for one answer. */
  public AnswerParser parser(AnswerSink sink, ToolSchemas tools) {
    return switch (this) {
      case NONE -> new PlainText(sink);
      case HERMES -> new HermesParser(sink);
      case QWEN3_CODER -> new QwenCoderParser(sink, tools);
      case LLAMA3_JSON -> new LlamaJsonParser(sink, tools.names());
      case LLAMA4_PYTHONIC -> new PythonicParser(sink);
      case MISTRAL -> new MistralParser(sink);
      case DEEPSEEK_V3 -> new SectionParser(sink, SectionParser.DEEPSEEK_V3);
      case DEEPSEEK_V3_1 -> new SectionParser(sink, SectionParser.DEEPSEEK_V3_1);
      case KIMI_K2 -> new SectionParser(sink, SectionParser.KIMI_K2);
      case GLM45 -> new GlmParser(sink, tools);
      case HARMONY -> new HarmonyParser(sink);
    };
  }

  /** All of it is for the reader. */
  private record PlainText(AnswerSink sink) implements AnswerParser {
    @Override
    public void accept(String text) {
      if (!text.isEmpty()) {
        sink.content(text);
      }
    }

    @Override
    public void finish() {
      // Nothing is held back.
    }
  }
}
