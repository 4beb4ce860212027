package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;

/**
 * Engines' error bodies, nested like OpenAI's or flat like SGLang's, in OpenAI's envelope. What an
 * engine says of a client's mistake is passed on; what it says of itself stays inside.
 */
final class EngineErrors {
  private static final ObjectMapper JSON = new ObjectMapper();

  private EngineErrors() {}

  static ApiException wrap(int status, byte[] body) {
    if (status >= 500) {
      return ApiException.workerFailed(
          "The engine behind this model answered with status " + status + ".", "engine_error");
    }
    String message = "The engine refused the request with status " + status + ".";
    String param = null;
    try {
      JsonNode root = JSON.readTree(body);
      JsonNode error = root.path("error").isObject() ? root.get("error") : root;
      message = error.path("message").asText(message);
      param = error.path("param").isTextual() ? error.get("param").textValue() : null;
    } catch (IOException e) {
      // Not JSON: the status alone is what can be passed on.
    }
    return ApiException.fromEngine(status, message, param);
  }
}
