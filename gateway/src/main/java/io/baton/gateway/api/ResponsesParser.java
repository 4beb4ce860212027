package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.GenerationRequest.Input;
import io.baton.gateway.api.GenerationRequest.Output;
import io.baton.gateway.api.RequestParser.Envelope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads OpenAI's responses, without any state of earlier ones. */
final class ResponsesParser {
  private ResponsesParser() {}

  static GenerationRequest parse(Envelope envelope, SamplingDefaults defaults) throws ApiException {
    var fields = new Fields(envelope.root(), Parameters.RESPONSES);
    fields.object("metadata");
    return new GenerationRequest(
        Api.RESPONSES,
        envelope.model(),
        new Output(envelope.stream(), false, 1, 1, false, false),
        List.of(input(fields)),
        fields.integer("max_output_tokens"),
        RequestParser.stops(fields.node("stop")),
        fields.flag("ignore_eos"),
        fields.text("cache_salt").orElse(""),
        SamplingParser.parse(fields, defaults),
        ToolsParser.responses(fields),
        rendering(fields),
        AnswerFormat.responses(fields),
        envelope.root());
  }

  private static Rendering rendering(Fields fields) throws ApiException {
    var variables = new LinkedHashMap<String, Object>();
    JsonNode effort = fields.object("reasoning").path("effort");
    if (effort.isTextual()) {
      Rendering.effort(effort.textValue(), variables);
    }
    return new Rendering(variables, true);
  }

  /** Instructions and input items, as chat templates expect them. */
  static Input input(Fields fields) throws ApiException {
    var messages = new ArrayList<Map<String, Object>>();
    String instructions = fields.text("instructions").orElse("");
    if (!instructions.isEmpty()) {
      messages.add(message("system", instructions));
    }
    JsonNode input = fields.node("input");
    if (input.isTextual()) {
      messages.add(message("user", input.textValue()));
    } else if (input.isArray() && !input.isEmpty()) {
      for (int i = 0; i < input.size(); i++) {
        item(input.get(i), "input[" + i + "]", messages);
      }
    } else {
      throw fields.missing("input", "a string or an array of items");
    }
    return new Input.Messages(messages);
  }

  private static void item(JsonNode item, String where, List<Map<String, Object>> messages)
      throws ApiException {
    switch (item.path("type").asText("message")) {
      case "message" -> {
        String role = item.path("role").asText("");
        if (!List.of("user", "assistant", "system", "developer").contains(role)) {
          throw ApiException.invalid(
              where + ".role",
              where
                  + ".role: "
                  + item.path("role")
                  + " (expected: user, assistant, system or developer)");
        }
        messages.add(
            message(role, Conversations.content(item.path("content"), where + ".content")));
      }
      case "function_call" ->
          calls(messages)
              .add(
                  Conversations.call(
                      item.path("call_id").asText(""),
                      item.path("name").asText(""),
                      item.path("arguments").asText("")));
      case "function_call_output" -> {
        JsonNode output = item.path("output");
        Map<String, Object> result =
            message("tool", Conversations.content(output, where + ".output"));
        result.put("tool_call_id", item.path("call_id").asText(""));
        messages.add(result);
      }
      case "reasoning" -> {
        // What a model thought in earlier turns is not shown to it again.
      }
      default ->
          throw ApiException.unsupported(
              where,
              where
                  + ": type "
                  + item.path("type")
                  + " (expected: message, function_call, function_call_output or reasoning)");
    }
  }

  /** Calls that follow one another belong to one message of the assistant. */
  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> calls(List<Map<String, Object>> messages) {
    Map<String, Object> last = messages.isEmpty() ? Map.of() : messages.getLast();
    if ("assistant".equals(last.get("role")) && last.get("tool_calls") instanceof List<?> list) {
      return (List<Map<String, Object>>) list;
    }
    var calls = new ArrayList<Map<String, Object>>();
    Map<String, Object> message = message("assistant", "");
    message.put("tool_calls", calls);
    messages.add(message);
    return calls;
  }

  private static Map<String, Object> message(String role, String content) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content);
    return message;
  }
}
