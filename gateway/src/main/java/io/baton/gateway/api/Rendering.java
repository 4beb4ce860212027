package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the chat template is given beside the messages.
 *
 * @param variables such as {@code enable_thinking} and {@code reasoning_effort}
 * @param showReasoning whether the client wants to see reasoning
 */
public record Rendering(Map<String, Object> variables, boolean showReasoning) {
  /** Nothing special. */
  public static final Rendering PLAIN = new Rendering(Map.of(), true);

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Chat's parameters. */
  static Rendering chat(Fields fields) throws ApiException {
    var variables = new LinkedHashMap<String, Object>();
    JsonNode given = fields.object("chat_template_kwargs");
    for (Map.Entry<String, JsonNode> entry : given.properties()) {
      Object value = JSON.convertValue(entry.getValue(), Object.class);
      if (value != null) {
        variables.put(entry.getKey(), value);
      }
    }
    fields.text("reasoning_effort").ifPresent(effort -> effort(effort, variables));
    return new Rendering(variables, fields.flag("include_reasoning", true));
  }

  static void effort(String effort, Map<String, Object> variables) {
    variables.put("reasoning_effort", effort);
    if (effort.equals("none")) {
      variables.put("enable_thinking", false);
    }
  }
}
