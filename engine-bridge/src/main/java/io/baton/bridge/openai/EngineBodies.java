package io.baton.bridge.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.bridge.OpenAiEngine.OpenAiRequest;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** What the dialects do alike to a client's body. */
public final class EngineBodies {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> WITH_USAGE = Set.of("/v1/chat/completions", "/v1/completions");

  private EngineBodies() {}

  /**
   * Gives the model the engine's name for it, where the fleet calls it otherwise.
   *
   * @param models names that the engine knows
   */
  public static void nameModel(OpenAiRequest request, List<String> models, JsonEdit edit) {
    String asked = member(request.body(), "model").asText("");
    if (!models.isEmpty() && !models.contains(asked)) {
      edit.set("model", JSON.getNodeFactory().textNode(models.getFirst()).toString());
    }
  }

  /** Whether the client's stream would end without usage, which we need and then keep to us. */
  public static boolean addsUsage(OpenAiRequest request) {
    return request.stream()
        && WITH_USAGE.contains(request.path())
        && !member(request.body(), "stream_options").path("include_usage").asBoolean();
  }

  /** Asks for usage at the end of a stream, whatever other stream options the client has set. */
  public static void addUsage(OpenAiRequest request, JsonEdit edit) {
    if (addsUsage(request)) {
      JsonNode options = member(request.body(), "stream_options");
      ObjectNode changed =
          options instanceof ObjectNode given ? given.deepCopy() : JSON.createObjectNode();
      edit.set("stream_options", changed.put("include_usage", true).toString());
    }
  }

  /** A top-level member; missing where there is none. Nothing else of the body is built. */
  private static JsonNode member(byte[] body, String name) {
    try (JsonParser parser = JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return JSON.missingNode();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = parser.currentName().equals(name);
        parser.nextToken();
        if (wanted) {
          return JSON.readTree(parser);
        }
        parser.skipChildren();
      }
    } catch (IOException e) {
      // The engine will say what is wrong with it.
    }
    return JSON.missingNode();
  }
}
