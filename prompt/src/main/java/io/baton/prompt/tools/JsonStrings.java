package io.baton.prompt.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;

/** JSON texts and what they stand for. */
final class JsonStrings {
  private static final ObjectMapper JSON = new ObjectMapper();

  private JsonStrings() {}

  /** The string that a JSON string stands for; empty if it is none. */
  static Optional<String> decode(String json) {
    try {
      return Optional.ofNullable(JSON.readValue(json, String.class));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Any value as JSON text. */
  static String encode(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Whether a text is one JSON value. */
  static boolean isJson(String text) {
    var watch = new JsonWatch();
    for (int i = 0; i < text.length(); i++) {
      switch (watch.accept(text.charAt(i))) {
        case MORE -> {
          // Goes on.
        }
        case END -> {
          return text.substring(i + 1).isBlank();
        }
        default -> {
          return false;
        }
      }
    }
    // A number or word ends with the text.
    return watch.accept(' ') == JsonWatch.Verdict.END_BEFORE;
  }
}
