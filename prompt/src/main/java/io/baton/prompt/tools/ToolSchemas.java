package io.baton.prompt.tools;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the tools of a request are called and of which types their arguments are: families that
 * write arguments as plain text need it to make JSON of them.
 */
public final class ToolSchemas {
  private final Map<String, Map<String, Object>> parameters;

  private ToolSchemas(Map<String, Map<String, Object>> parameters) {
    this.parameters = parameters;
  }

  /** Of tools by name, each with the JSON Schema of its parameters as plain maps. */
  public static ToolSchemas of(Map<String, Map<String, Object>> parametersByTool) {
    return new ToolSchemas(Map.copyOf(parametersByTool));
  }

  /** The names of the tools. */
  public Set<String> names() {
    return parameters.keySet();
  }

  /** An argument's text as JSON: as it is if it is JSON of a type that the schema allows. */
  String json(String tool, String argument, String text) {
    boolean known = type(tool, argument) != null;
    boolean mayBeString = allows(tool, argument, "string");
    String stripped = text.strip();
    if (known && mayBeString && !allows(tool, argument, "object")) {
      return JsonStrings.encode(text);
    }
    if (JsonStrings.isJson(stripped)) {
      return stripped;
    }
    // Python's words for JSON's.
    return switch (stripped) {
      case "True" -> "true";
      case "False" -> "false";
      case "None" -> "null";
      default -> JsonStrings.encode(text);
    };
  }

  private boolean allows(String tool, String argument, String type) {
    Object declared = type(tool, argument);
    return type.equals(declared) || (declared instanceof List<?> types && types.contains(type));
  }

  private @org.jspecify.annotations.Nullable Object type(String tool, String argument) {
    Map<String, Object> schema = parameters.get(tool);
    return schema != null
            && schema.get("properties") instanceof Map<?, ?> properties
            && properties.get(argument) instanceof Map<?, ?> property
        ? property.get("type")
        : null;
  }
}
