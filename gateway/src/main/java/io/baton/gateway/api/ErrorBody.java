package io.baton.gateway.api;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** The two error envelopes. */
final class ErrorBody {
  private ErrorBody() {}

  static Buffer of(ApiException error) {
    Buffer out = Buffer.buffer(256).appendString("{\"error\":{\"message\":");
    string(error.text(), out);
    out.appendString(",\"type\":");
    string(error.type(), out);
    out.appendString(",\"param\":");
    string(error.param(), out);
    out.appendString(",\"code\":");
    string(error.code(), out);
    return out.appendString("}}");
  }

  static Buffer anthropic(ApiException error, String requestId) {
    Buffer out = Buffer.buffer(256).appendString("{\"type\":\"error\",\"error\":{\"type\":");
    string(error.kind().anthropicType(), out);
    out.appendString(",\"message\":");
    string(error.text(), out);
    out.appendString("},\"request_id\":");
    string(requestId, out);
    return out.appendString("}");
  }

  private static void string(@Nullable String value, Buffer out) {
    if (value == null) {
      out.appendString("null");
    } else {
      out.appendString("\"");
      JsonText.escape(value, out);
      out.appendString("\"");
    }
  }
}
