package io.baton.gateway.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the values of the top-level members {@code id} and {@code model} of a JSON object and
 * leaves every other byte as it is.
 */
final class IdentityRewriter {
  private static final JsonFactory JSON = new JsonFactory();

  private final byte @Nullable [] id;
  private final byte[] model;

  IdentityRewriter(String id, String model) {
    this(quoted(id), quoted(model));
  }

  private IdentityRewriter(byte @Nullable [] id, byte[] model) {
    this.id = id;
    this.model = model;
  }

  /** Replaces only the model. */
  static IdentityRewriter ofModel(String model) {
    return new IdentityRewriter(null, quoted(model));
  }

  private static byte[] quoted(String text) {
    return JsonText.quote(text).getBytes(StandardCharsets.UTF_8);
  }

  /** Appends the object with its new identity; what is no JSON object goes through unchanged. */
  void rewrite(byte[] json, Buffer out) {
    int copied = 0;
    Buffer rewritten = Buffer.buffer(json.length + 64);
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        out.appendBytes(json);
        return;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        byte[] replacement = name.equals("id") ? id : name.equals("model") ? model : null;
        if (replacement != null && value == JsonToken.VALUE_STRING) {
          int from = (int) parser.currentTokenLocation().getByteOffset();
          parser.finishToken();
          int to = (int) parser.currentLocation().getByteOffset();
          rewritten.appendBytes(json, copied, from - copied).appendBytes(replacement);
          copied = to;
        } else {
          parser.skipChildren();
        }
      }
    } catch (IOException e) {
      out.appendBytes(json);
      return;
    }
    out.appendBuffer(rewritten.appendBytes(json, copied, json.length - copied));
  }
}
