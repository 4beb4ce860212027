package io.baton.gateway.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** An answer to an operator. */
public record AdminAnswer(int status, String contentType, byte[] body) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String JSON_TYPE = "application/json";

  /** Plain text for people. */
  public static AdminAnswer text(String text) {
    return new AdminAnswer(200, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  /** JSON that is written already. */
  public static AdminAnswer json(String json) {
    return new AdminAnswer(200, JSON_TYPE, json.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A refusal.
   *
   * @param message what, where, and what to do
   */
  public static AdminAnswer error(int status, String message) {
    try {
      return new AdminAnswer(
          status,
          JSON_TYPE,
          JSON.writeValueAsBytes(Map.of("error", Map.of("message", message, "code", status))));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
