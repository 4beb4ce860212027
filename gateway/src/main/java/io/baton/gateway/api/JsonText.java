package io.baton.gateway.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;

/** Writes JSON string contents straight into a buffer: on the token path a tree is too dear. */
public final class JsonText {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HEX = "0123456789abcdef";

  private JsonText() {}

  /** Appends the text as the inside of a JSON string, in UTF-8. */
  static void escape(String text, Buffer out) {
    int plainFrom = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x20 && c != '"' && c != '\\') {
        continue;
      }
      appendPlain(text, plainFrom, i, out);
      plainFrom = i + 1;
      switch (c) {
        case '"' -> out.appendString("\\\"");
        case '\\' -> out.appendString("\\\\");
        case '\n' -> out.appendString("\\n");
        case '\r' -> out.appendString("\\r");
        case '\t' -> out.appendString("\\t");
        default -> out.appendString("\\u00" + HEX.charAt(c >> 4) + HEX.charAt(c & 15));
      }
    }
    appendPlain(text, plainFrom, text.length(), out);
  }

  private static void appendPlain(String text, int from, int to, Buffer out) {
    if (from == 0 && to == text.length()) {
      out.appendString(text);
    } else if (from < to) {
      out.appendString(text.substring(from, to));
    }
  }

  /** The text as a JSON string, quotes included. */
  public static String quote(String text) {
    Buffer out = Buffer.buffer(text.length() + 8).appendString("\"");
    escape(text, out);
    return out.appendString("\"").toString();
  }

  /** The text if it is a JSON object, the other otherwise: a model may have been cut off. */
  static String objectOr(String text, String other) {
    try {
      return JSON.readTree(text) instanceof ObjectNode ? text : other;
    } catch (JsonProcessingException e) {
      return other;
    }
  }
}
