package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.gateway.api.GenerationRequest.Input;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads what is to be continued: OpenAI's messages and prompts. */
final class Conversations {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool");

  private Conversations() {}

  /** OpenAI's {@code messages}. */
  static Input messages(Fields fields) throws ApiException {
    JsonNode node = fields.node("messages");
    if (!node.isArray() || node.isEmpty()) {
      throw fields.missing("messages", "an array of at least one message");
    }
    var messages = new ArrayList<Map<String, Object>>(node.size());
    for (int i = 0; i < node.size(); i++) {
      messages.add(message(node.get(i), "messages[" + i + "]"));
    }
    return new Input.Messages(messages);
  }

  private static Map<String, Object> message(JsonNode node, String where) throws ApiException {
    if (!node.isObject()) {
      throw ApiException.invalid(where, where + ": " + kind(node) + " (expected: an object)");
    }
    String role = node.path("role").asText("");
    if (!node.path("role").isTextual() || !ROLES.contains(role)) {
      throw ApiException.invalid(
          where + ".role",
          where
              + ".role: "
              + (node.has("role") ? node.get("role") : "missing")
              + " (expected: system, developer, user, assistant or tool)");
    }
    var message = new LinkedHashMap<String, Object>();
    for (var member : node.properties()) {
      Object value =
          switch (member.getKey()) {
            case "content" -> content(member.getValue(), where + ".content");
            case "tool_calls" -> toolCalls(member.getValue(), where + ".tool_calls");
            default -> JSON.convertValue(member.getValue(), Object.class);
          };
      if (value != null) {
        message.put(member.getKey(), value);
      }
    }
    message.putIfAbsent("content", "");
    return message;
  }

  /** Arguments are JSON text to OpenAI and an object to chat templates. */
  private static List<Map<String, Object>> toolCalls(JsonNode node, String where)
      throws ApiException {
    var calls = new ArrayList<Map<String, Object>>();
    if (!node.isArray() && !node.isNull()) {
      throw ApiException.invalid(where, where + ": " + kind(node) + " (expected: an array)");
    }
    for (int i = 0; i < node.size(); i++) {
      JsonNode function = node.get(i).path("function");
      if (!function.path("name").isTextual()) {
        throw ApiException.invalid(
            where + "[" + i + "].function.name",
            where + "[" + i + "].function.name: missing (expected: the function's name)");
      }
      calls.add(
          call(
              node.get(i).path("id").asText(""),
              function.get("name").textValue(),
              function.path("arguments").isTextual()
                  ? function.get("arguments").textValue()
                  : function.path("arguments").toString()));
    }
    return calls;
  }

  /** A call as chat templates expect it. */
  static Map<String, Object> call(String id, String name, String arguments) {
    Object parsed = arguments;
    try {
      JsonNode tree = JSON.readTree(arguments.isBlank() ? "{}" : arguments);
      if (tree.isObject()) {
        parsed = JSON.convertValue(tree, Object.class);
      }
    } catch (IOException e) {
      // A model may have written broken arguments earlier: they stay the text that they are.
    }
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", name);
    function.put("arguments", parsed);
    Map<String, Object> call = new LinkedHashMap<>();
    call.put("id", id);
    call.put("type", "function");
    call.put("function", function);
    return call;
  }

  /** Text parts are joined, as chat templates of text models expect a string. */
  static String content(JsonNode node, String where) throws ApiException {
    if (node.isTextual()) {
      return node.textValue();
    }
    if (node.isNull()) {
      return "";
    }
    if (!node.isArray()) {
      throw ApiException.invalid(
          where, where + ": " + kind(node) + " (expected: a string or an array of parts)");
    }
    var text = new StringBuilder();
    for (int i = 0; i < node.size(); i++) {
      JsonNode part = node.get(i);
      String partWhere = where + "[" + i + "]";
      String type = part.path("type").asText("");
      boolean known = Set.of("text", "input_text", "output_text").contains(type);
      if (!known || !part.path("text").isTextual()) {
        throw ApiException.unsupported(
            partWhere,
            partWhere + ": type " + type + " (expected: text; this model reads only text)");
      }
      text.append(part.get("text").textValue());
    }
    return text.toString();
  }

  /** OpenAI's {@code prompt}: text, token ids, or a list of either. */
  static List<Input> prompts(Fields fields) throws ApiException {
    JsonNode node = fields.node("prompt");
    if (node.isTextual()) {
      return List.of(new Input.Text(node.textValue()));
    }
    if (!node.isArray() || node.isEmpty()) {
      throw fields.missing("prompt", "a string, an array of token ids, or an array of either");
    }
    if (node.get(0).isNumber()) {
      return List.of(ids(node, "prompt"));
    }
    var prompts = new ArrayList<Input>(node.size());
    for (int i = 0; i < node.size(); i++) {
      JsonNode prompt = node.get(i);
      String where = "prompt[" + i + "]";
      if (prompt.isTextual()) {
        prompts.add(new Input.Text(prompt.textValue()));
      } else if (prompt.isArray() && !prompt.isEmpty()) {
        prompts.add(ids(prompt, where));
      } else {
        throw ApiException.invalid(
            "prompt", where + ": " + kind(prompt) + " (expected: a string or token ids)");
      }
    }
    return prompts;
  }

  private static Input ids(JsonNode node, String where) throws ApiException {
    int[] ids = new int[node.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = node.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw ApiException.invalid(
            "prompt", where + "[" + i + "]: " + kind(id) + " (expected: a token id)");
      }
      ids[i] = id.intValue();
    }
    return new Input.Tokens(ids);
  }

  static String kind(JsonNode node) {
    return node.getNodeType().name().toLowerCase(Locale.ROOT);
  }
}
