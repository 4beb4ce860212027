package io.baton.gateway.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** The name of an event of Anthropic's and OpenAI's newer surfaces, which its payload repeats. */
final class EventType {
  private static final JsonFactory JSON = new JsonFactory();

  private EventType() {}

  /** The top-level member {@code type}; {@code message}, the default, if there is none. */
  static String of(byte[] payload) {
    try (JsonParser parser = JSON.createParser(payload)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return "message";
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean isType = parser.currentName().equals("type");
        JsonToken value = parser.nextToken();
        if (isType && value == JsonToken.VALUE_STRING) {
          return parser.getValueAsString("message").replaceAll("[\\r\\n]", "");
        }
        parser.skipChildren();
      }
    } catch (IOException e) {
      // No JSON, no name.
    }
    return "message";
  }
}
