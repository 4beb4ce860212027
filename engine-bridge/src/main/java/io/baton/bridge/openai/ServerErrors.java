package io.baton.bridge.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.bridge.EngineException;
import io.baton.bridge.EngineException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Servers' errors, nested as OpenAI's or flat as SGLang's, as ours. */
public final class ServerErrors {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final byte[] NESTED = "{\"error\":".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FLAT = "{\"object\":\"error\"".getBytes(StandardCharsets.US_ASCII);

  private ServerErrors() {}

  /** The error of an answer with this status, at least 400. */
  public static EngineException of(int status, String body) {
    Kind kind =
        status == 429 || status == 503
            ? Kind.BUSY
            : status < 500 ? Kind.INVALID_REQUEST : Kind.ENGINE;
    return new EngineException(
        kind, message(body, "the engine answered with status " + status), kind == Kind.BUSY);
  }

  /** Whether an event is an error in mid-stream; the status was 200 by then. */
  static boolean isError(byte[] event) {
    return startsWith(event, NESTED) || startsWith(event, FLAT);
  }

  /** An error in mid-stream. */
  static EngineException inStream(byte[] event) {
    String text = new String(event, StandardCharsets.UTF_8);
    return new EngineException(
        Kind.ENGINE, message(text, "the engine failed in mid-answer"), false);
  }

  private static String message(String body, String otherwise) {
    try {
      JsonNode root = JSON.readTree(body);
      String nested = root.path("error").path("message").asText("");
      String flat = root.path("message").asText("");
      return nested.isEmpty() ? flat.isEmpty() ? otherwise : flat : nested;
    } catch (IOException e) {
      return otherwise;
    }
  }

  private static boolean startsWith(byte[] text, byte[] prefix) {
    if (text.length < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (text[i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
