package io.baton.bridge.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.bridge.OpenAiEngine.OpenAiRequest;
import java.io.IOException;
import java.util.Set;

/** What the dialects do alike to a client's body. */
public final class EngineBodies {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> WITH_USAGE = Set.of("/v1/chat/completions", "/v1/completions");

  private EngineBodies() {}

  /** Whether the client's stream would end without usage, which we need and then keep to us. */
  public static boolean addsUsage(OpenAiRequest request) {
    return request.stream()
        && WITH_USAGE.contains(request.path())
        && !read(request.body()).path("stream_options").path("include_usage").asBoolean();
  }

  /** Asks for usage at the end of a stream, whatever other stream options the client has set. */
  public static void addUsage(OpenAiRequest request, JsonEdit edit) {
    if (addsUsage(request)) {
      JsonNode options = read(request.body()).path("stream_options");
      var changed = options.isObject() ? options.deepCopy() : JSON.createObjectNode();
      ((com.fasterxml.jackson.databind.node.ObjectNode) changed).put("include_usage", true);
      edit.set("stream_options", changed.toString());
    }
  }

  private static JsonNode read(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      return JSON.missingNode();
    }
  }
}
