package io.baton.prompt.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.prompt.AnswerParser;
import io.baton.prompt.AnswerSink;
import java.util.Map;
import java.util.Set;

/**
 * Answers that must be calls of tools. Whatever the family, the model is held to one JSON list of
 * {@code {"name":..,"parameters":{..}}}, because every engine can follow a JSON Schema, while only
 * some can follow a family's own markers.
 */
public final class ForcedCalls {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REFERENCE = "$ref";

  /** What these hold is data, in which nothing is a reference. */
  private static final Set<String> LITERALS = Set.of("enum", "const", "default", "examples");

  private ForcedCalls() {}

  /**
   * The schema of an answer that calls these tools, at least once.
   *
   * @param parameters JSON Schema of each tool's arguments, by name; at least one
   * @param several whether there may be more than one call
   */
  public static String schema(Map<String, Map<String, Object>> parameters, boolean several) {
    ObjectNode schema = JSON.createObjectNode().put("type", "array").put("minItems", 1);
    if (!several) {
      schema.put("maxItems", 1);
    }
    ObjectNode definitions = JSON.createObjectNode();
    ArrayNode calls = JSON.createArrayNode();
    parameters.forEach((name, arguments) -> calls.add(call(name, arguments, definitions)));
    if (calls.size() == 1) {
      schema.set("items", calls.get(0));
    } else {
      schema.putObject("items").set("anyOf", calls);
    }
    if (!definitions.isEmpty()) {
      schema.set("$defs", definitions);
    }
    return schema.toString();
  }

  private static ObjectNode call(
      String name, Map<String, Object> parameters, ObjectNode definitions) {
    ObjectNode arguments = arguments(JSON.valueToTree(parameters));
    ObjectNode call = JSON.createObjectNode().put("type", "object");
    ObjectNode members = call.putObject("properties");
    members.putObject("name").put("type", "string").putArray("enum").add(name);
    String place = "tool" + definitions.size();
    if (moved(arguments, "#/$defs/" + place)) {
      definitions.set(place, arguments);
      members.putObject("parameters").put(REFERENCE, "#/$defs/" + place);
    } else {
      members.set("parameters", arguments);
    }
    call.putArray("required").add("name").add("parameters");
    return call.put("additionalProperties", false);
  }

  /** Arguments are an object even where nobody says so; a tool without parameters has none. */
  private static ObjectNode arguments(ObjectNode schema) {
    boolean open = !schema.has(REFERENCE) && !schema.has("anyOf") && !schema.has("enum");
    if (open && !schema.has("type")) {
      schema.put("type", "object");
    }
    boolean empty = schema.has("properties") && schema.path("properties").isEmpty();
    if (open && empty && !schema.has("additionalProperties")) {
      schema.put("additionalProperties", false);
    }
    return schema;
  }

  /** Makes references within a schema say where it lies now; whether there were any. */
  private static boolean moved(JsonNode schema, String place) {
    boolean any = false;
    if (schema instanceof ObjectNode object) {
      JsonNode reference = object.path(REFERENCE);
      if (reference.isTextual() && reference.textValue().startsWith("#")) {
        object.put(REFERENCE, place + reference.textValue().substring(1));
        any = true;
      }
      for (var member : object.properties()) {
        any |= !LITERALS.contains(member.getKey()) && moved(member.getValue(), place);
      }
    } else {
      for (JsonNode element : schema) {
        any |= moved(element, place);
      }
    }
    return any;
  }

  /** Reads such an answer. */
  public static AnswerParser parser(AnswerSink sink) {
    return new CallArrayParser(sink);
  }
}
