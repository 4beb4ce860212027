package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.GenerationRequest.Input;
import io.baton.gateway.api.GenerationRequest.Output;
import io.baton.gateway.api.RequestParser.Envelope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads Anthropic's messages. */
final class MessagesParser {
  private static final int MAX_STOPS = 16;

  private MessagesParser() {}

  static GenerationRequest parse(Api api, Envelope envelope, SamplingDefaults defaults)
      throws ApiException {
    var fields = new Fields(envelope.root(), Parameters.of(api));
    OptionalInt maxTokens = fields.integer("max_tokens");
    if (maxTokens.isEmpty() && api == Api.MESSAGES) {
      throw fields.missing("max_tokens", "most tokens of the answer");
    }
    return new GenerationRequest(
        api,
        envelope.model(),
        new Output(envelope.stream(), false, 1, 1, false, false),
        List.of(input(fields)),
        maxTokens,
        stops(fields),
        fields.flag("ignore_eos"),
        fields.text("cache_salt").orElse(""),
        SamplingParser.parse(fields, defaults),
        ToolsParser.messages(fields),
        rendering(fields),
        Optional.empty(),
        MissingNode.getInstance());
  }

  private static List<String> stops(Fields fields) throws ApiException {
    var stops = new ArrayList<String>();
    for (JsonNode stop : fields.array("stop_sequences")) {
      if (!stop.isTextual() || stop.textValue().isEmpty()) {
        throw fields.wrong("stop_sequences", stop, "non-empty strings");
      }
      stops.add(stop.textValue());
    }
    if (stops.size() > MAX_STOPS) {
      throw ApiException.invalid(
          "stop_sequences",
          "stop_sequences: " + stops.size() + " (expected: at most " + MAX_STOPS + ")");
    }
    return stops;
  }

  /** Reasoning is shown to who asks for it, and left out for others. */
  static Rendering rendering(Fields fields) throws ApiException {
    JsonNode thinking = fields.object("thinking");
    if (thinking.isMissingNode()) {
      return new Rendering(Map.of(), false);
    }
    boolean on = !thinking.path("type").asText("").equals("disabled");
    return new Rendering(Map.of("enable_thinking", on), on);
  }

  /** System prompt and conversation, as chat templates expect them. */
  static Input input(Fields fields) throws ApiException {
    JsonNode node = fields.node("messages");
    if (!node.isArray() || node.isEmpty()) {
      throw fields.missing("messages", "an array of at least one message");
    }
    var messages = new ArrayList<Map<String, Object>>();
    JsonNode system = fields.node("system");
    if (!system.isMissingNode()) {
      messages.add(message("system", Conversations.content(system, "system")));
    }
    for (int i = 0; i < node.size(); i++) {
      add(node.get(i), "messages[" + i + "]", messages);
    }
    return new Input.Messages(messages);
  }

  private static void add(JsonNode node, String where, List<Map<String, Object>> messages)
      throws ApiException {
    String role = node.path("role").asText("");
    if (!role.equals("user") && !role.equals("assistant") && !role.equals("system")) {
      throw ApiException.invalid(
          where + ".role",
          where + ".role: " + node.path("role") + " (expected: user or assistant)");
    }
    JsonNode content = node.path("content");
    if (content.isTextual()) {
      messages.add(message(role, content.textValue()));
      return;
    }
    if (!content.isArray()) {
      throw ApiException.invalid(
          where + ".content",
          where + ".content: " + Conversations.kind(content) + " (expected: a string or blocks)");
    }
    var text = new StringBuilder();
    var calls = new ArrayList<Map<String, Object>>();
    for (int i = 0; i < content.size(); i++) {
      block(content.get(i), where + ".content[" + i + "]", text, calls, messages);
    }
    if (!text.isEmpty() || !calls.isEmpty() || content.isEmpty()) {
      Map<String, Object> message = message(role, text.toString());
      if (!calls.isEmpty()) {
        message.put("tool_calls", calls);
      }
      messages.add(message);
    }
  }

  private static void block(
      JsonNode block,
      String where,
      StringBuilder text,
      List<Map<String, Object>> calls,
      List<Map<String, Object>> messages)
      throws ApiException {
    switch (block.path("type").asText("")) {
      case "text" -> text.append(block.path("text").asText(""));
      case "tool_use" ->
          calls.add(
              Conversations.call(
                  block.path("id").asText(""),
                  block.path("name").asText(""),
                  block.path("input").toString()));
      case "tool_result" -> {
        JsonNode content = block.path("content");
        Map<String, Object> result =
            message(
                "tool",
                content.isMissingNode() ? "" : Conversations.content(content, where + ".content"));
        result.put("tool_call_id", block.path("tool_use_id").asText(""));
        messages.add(result);
      }
      case "thinking", "redacted_thinking" -> {
        // What a model thought in earlier turns is not shown to it again.
      }
      default ->
          throw ApiException.unsupported(
              where,
              where + ": type " + block.path("type") + " (expected: text; this model reads text)");
    }
  }

  private static Map<String, Object> message(String role, String content) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content);
    return message;
  }
}
