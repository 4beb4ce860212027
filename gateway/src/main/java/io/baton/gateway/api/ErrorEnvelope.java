package io.baton.gateway.api;

import io.vertx.core.buffer.Buffer;

/** How a surface wraps its errors. */
public enum ErrorEnvelope {
  /** {@code {"error":{"message","type","param","code"}}}. */
  OPENAI {
    @Override
    Buffer body(ApiException error, String requestId) {
      return ErrorBody.of(error);
    }
  },
  /** {@code {"type":"error","error":{"type","message"},"request_id"}}. */
  ANTHROPIC {
    @Override
    Buffer body(ApiException error, String requestId) {
      return ErrorBody.anthropic(error, requestId);
    }
  };

  abstract Buffer body(ApiException error, String requestId);
}
