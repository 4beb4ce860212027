package io.baton.bridge.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Changes some top-level members of a JSON object and leaves every other byte as it is: what we do
 * not understand in a client's body reaches the engine as it came.
 */
public final class JsonEdit {
  private static final JsonFactory JSON = new JsonFactory();

  /** Raw JSON to put in; empty: take the member out. */
  private final Map<String, Optional<String>> changes = new LinkedHashMap<>();

  /** Sets a member to a JSON value, replacing what is there. */
  public JsonEdit set(String name, String rawJson) {
    changes.put(name, Optional.of(rawJson));
    return this;
  }

  /** Takes a member out. */
  public JsonEdit remove(String name) {
    changes.put(name, Optional.empty());
    return this;
  }

  /** The changed object; what is no JSON object comes back unchanged. */
  public byte[] apply(byte[] body) {
    if (changes.isEmpty()) {
      return body;
    }
    try {
      return edited(body);
    } catch (IOException e) {
      // The gateway has parsed it; should it be wrong all the same, the engine will say so.
      return body;
    }
  }

  private byte[] edited(byte[] body) throws IOException {
    var out = new ByteArrayOutputStream(body.length + 128);
    try (JsonParser parser = JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return body;
      }
      out.write('{');
      boolean any = false;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        int from = (int) parser.currentTokenLocation().getByteOffset();
        parser.nextToken();
        parser.skipChildren();
        parser.finishToken();
        int to = (int) parser.currentLocation().getByteOffset();
        if (!changes.containsKey(name)) {
          any = comma(any, out);
          out.write(body, from, to - from);
        }
      }
      for (var change : changes.entrySet()) {
        if (change.getValue().isPresent()) {
          any = comma(any, out);
          String member = '"' + change.getKey() + "\":" + change.getValue().get();
          out.writeBytes(member.getBytes(StandardCharsets.UTF_8));
        }
      }
      out.write('}');
    }
    return out.toByteArray();
  }

  private static boolean comma(boolean any, ByteArrayOutputStream out) {
    if (any) {
      out.write(',');
    }
    return true;
  }
}
