package io.baton.gateway.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tools of a request and what the model may do with them.
 *
 * @param definitions in OpenAI's shape, as chat templates expect them
 * @param parameters JSON Schema of each tool's arguments, by name
 * @param named the tool that must be called; empty unless {@link Choice#NAMED}
 * @param parallel whether there may be more than one call
 * @param strict tools whose schema the client insists on
 */
public record ToolUse(
    List<Map<String, Object>> definitions,
    Map<String, Map<String, Object>> parameters,
    Choice choice,
    String named,
    boolean parallel,
    Set<String> strict) {
  /** No tools. */
  public static final ToolUse NONE =
      new ToolUse(List.of(), Map.of(), Choice.NONE, "", true, Set.of());

  /** What the model may do. */
  public enum Choice {
    NONE,
    AUTO,
    REQUIRED,
    NAMED
  }

  /** Whether calls can occur. */
  public boolean possible() {
    return choice != Choice.NONE;
  }

  /** Whether a call must occur. */
  public boolean forced() {
    return choice == Choice.REQUIRED || choice == Choice.NAMED;
  }

  /** Tools that may be called, with the JSON Schema of each one's arguments. */
  public Map<String, Map<String, Object>> callable() {
    Map<String, Object> one = parameters.get(named);
    return choice == Choice.NAMED && one != null ? Map.of(named, one) : parameters;
  }

  /** The tool in the shape that chat templates expect. */
  static Map<String, Object> definition(
      String name, String description, Map<String, Object> schema) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", name);
    function.put("description", description);
    function.put("parameters", schema);
    Map<String, Object> tool = new LinkedHashMap<>();
    tool.put("type", "function");
    tool.put("function", function);
    return tool;
  }
}
