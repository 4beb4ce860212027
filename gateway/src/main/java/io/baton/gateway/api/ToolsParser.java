package io.baton.gateway.api;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.gateway.api.ToolUse.Choice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads {@code tools} and {@code tool_choice} of each surface. */
final class ToolsParser {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<LinkedHashMap<String, Object>> MAP = new TypeReference<>() {};
  private static final int MAX_TOOLS = 512;

  private final Fields fields;
  private final List<Map<String, Object>> definitions = new ArrayList<>();
  private final Map<String, Map<String, Object>> parameters = new LinkedHashMap<>();

  private final Set<String> strict = new HashSet<>();

  private ToolsParser(Fields fields) {
    this.fields = fields;
  }

  /** Chat's: {@code {"type":"function","function":{..}}}. */
  static ToolUse chat(Fields fields) throws ApiException {
    var parser = new ToolsParser(fields);
    JsonNode tools = parser.array();
    for (int i = 0; i < tools.size(); i++) {
      String where = "tools[" + i + "]";
      parser.functionType(tools.get(i), where);
      JsonNode function = tools.get(i).path("function");
      parser.add(function, "parameters", where + ".function");
    }
    return parser.use(
        fields.node("tool_choice"), "function", fields.flag("parallel_tool_calls", true));
  }

  /** Responses': {@code {"type":"function","name":..}}. */
  static ToolUse responses(Fields fields) throws ApiException {
    var parser = new ToolsParser(fields);
    JsonNode tools = parser.array();
    for (int i = 0; i < tools.size(); i++) {
      parser.functionType(tools.get(i), "tools[" + i + "]");
      parser.add(tools.get(i), "parameters", "tools[" + i + "]");
    }
    return parser.use(fields.node("tool_choice"), "", fields.flag("parallel_tool_calls", true));
  }

  /** Anthropic's: {@code {"name":..,"input_schema":{..}}}. */
  static ToolUse messages(Fields fields) throws ApiException {
    var parser = new ToolsParser(fields);
    JsonNode tools = parser.array();
    for (int i = 0; i < tools.size(); i++) {
      String type = tools.get(i).path("type").asText("custom");
      if (!type.equals("custom")) {
        throw ApiException.unsupported(
            "tools[" + i + "].type", "tools[" + i + "].type: " + type + " (expected: custom)");
      }
      parser.add(tools.get(i), "input_schema", "tools[" + i + "]");
    }
    JsonNode choice = fields.object("tool_choice");
    boolean parallel = !choice.path("disable_parallel_tool_use").asBoolean(false);
    return switch (choice.path("type").asText(parser.definitions.isEmpty() ? "none" : "auto")) {
      case "none" -> parser.of(Choice.NONE, "", parallel);
      case "auto" -> parser.of(Choice.AUTO, "", parallel);
      case "any" -> parser.of(Choice.REQUIRED, "", parallel);
      case "tool" -> parser.of(Choice.NAMED, choice.path("name").asText(""), parallel);
      default -> throw fields.wrong("tool_choice", choice, "type auto, any, tool or none");
    };
  }

  private JsonNode array() throws ApiException {
    JsonNode tools = fields.array("tools");
    if (tools.size() > MAX_TOOLS) {
      throw ApiException.invalid(
          "tools", "tools: " + tools.size() + " (expected: at most " + MAX_TOOLS + ")");
    }
    return tools;
  }

  private void functionType(JsonNode tool, String where) throws ApiException {
    if (!tool.path("type").asText("").equals("function")) {
      throw ApiException.unsupported(
          where + ".type", where + ".type: " + tool.path("type") + " (expected: function)");
    }
  }

  private void add(JsonNode function, String schemaName, String where) throws ApiException {
    String name = function.path("name").asText("");
    if (!name.matches("[a-zA-Z0-9_.-]{1,128}")) {
      throw ApiException.invalid(
          where + ".name",
          where + ".name: " + function.path("name") + " (expected: 1 to 128 of a-z A-Z 0-9 _ . -)");
    }
    JsonNode schema = function.path(schemaName);
    if (!schema.isMissingNode() && !schema.isNull() && !schema.isObject()) {
      throw ApiException.invalid(
          where + "." + schemaName, where + "." + schemaName + ": (expected: a JSON Schema)");
    }
    Map<String, Object> plain =
        schema.isObject()
            ? JSON.convertValue(schema, MAP)
            : Map.of("type", "object", "properties", Map.of());
    parameters.put(name, plain);
    if (function.path("strict").asBoolean(false)) {
      strict.add(name);
    }
    definitions.add(ToolUse.definition(name, function.path("description").asText(""), plain));
  }

  private ToolUse use(JsonNode choice, String wrapper, boolean parallel) throws ApiException {
    if (choice.isMissingNode()) {
      return of(definitions.isEmpty() ? Choice.NONE : Choice.AUTO, "", parallel);
    }
    if (choice.isTextual()) {
      return switch (choice.textValue()) {
        case "none" -> of(Choice.NONE, "", parallel);
        case "auto" -> of(definitions.isEmpty() ? Choice.NONE : Choice.AUTO, "", parallel);
        case "required" -> of(Choice.REQUIRED, "", parallel);
        default -> throw expected(choice);
      };
    }
    JsonNode function = wrapper.isEmpty() ? choice : choice.path(wrapper);
    if (!choice.path("type").asText("").equals("function") || !function.path("name").isTextual()) {
      throw expected(choice);
    }
    return of(Choice.NAMED, function.get("name").textValue(), parallel);
  }

  private ApiException expected(JsonNode choice) {
    return fields.wrong("tool_choice", choice, "none, auto, required or a function");
  }

  private ToolUse of(Choice choice, String named, boolean parallel) throws ApiException {
    if (choice == Choice.NAMED && !parameters.containsKey(named)) {
      throw ApiException.invalid(
          "tool_choice", "tool_choice: " + named + " (expected: one of the request's tools)");
    }
    if (choice == Choice.REQUIRED && definitions.isEmpty()) {
      throw ApiException.invalid("tool_choice", "tool_choice: required (expected: tools too)");
    }
    return definitions.isEmpty()
        ? ToolUse.NONE
        : new ToolUse(
            List.copyOf(definitions), parameters, choice, named, parallel, Set.copyOf(strict));
  }
}
