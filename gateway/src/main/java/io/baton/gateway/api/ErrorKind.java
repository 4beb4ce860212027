package io.baton.gateway.api;

import org.jspecify.annotations.Nullable;

/** The one table from what went wrong to what both envelopes say. */
public enum ErrorKind {
  INVALID(400, Words.INVALID, null, Words.INVALID),
  UNSUPPORTED_PARAMETER(400, Words.INVALID, "unsupported_parameter", Words.INVALID),
  UNKNOWN_PARAMETER(400, Words.INVALID, "unknown_parameter", Words.INVALID),
  CONTEXT_TOO_LONG(400, Words.INVALID, "context_length_exceeded", Words.INVALID),
  LIMIT_EXCEEDED(400, Words.INVALID, "limit_exceeded", Words.INVALID),
  MALFORMED_HTTP(400, Words.INVALID, "malformed_http", Words.INVALID),
  LONG_URL(414, Words.INVALID, "url_too_long", Words.INVALID),
  LARGE_HEADERS(431, Words.INVALID, "headers_too_large", Words.INVALID),
  WRONG_KEY(401, Words.INVALID, "invalid_api_key", "authentication_error"),
  FORBIDDEN(403, Words.INVALID, "forbidden", "permission_error"),
  RATE_LIMITED(429, "rate_limit_error", "rate_limit_exceeded", "rate_limit_error"),
  UNKNOWN_MODEL(404, Words.INVALID, "model_not_found", "not_found_error"),
  UNKNOWN_ROUTE(404, Words.INVALID, "unknown_url", "not_found_error"),
  WRONG_METHOD(405, Words.INVALID, "method_not_allowed", Words.INVALID),
  TOO_LARGE(413, Words.INVALID, "request_too_large", "request_too_large"),
  UNSUPPORTED_ENCODING(415, Words.INVALID, "unsupported_encoding", Words.INVALID),
  BODY_TIMEOUT(408, Words.INVALID, "request_timeout", Words.INVALID),
  ENGINE_REFUSED(400, Words.INVALID, null, Words.INVALID),
  UNAVAILABLE(503, Words.SERVER, "service_unavailable", "overloaded_error"),
  DEADLINE(504, Words.SERVER, "deadline_exceeded", "timeout_error"),
  WORKER_FAILED(502, Words.SERVER, "engine_error", Words.API),
  INTERNAL(500, Words.SERVER, "internal_error", Words.API);

  private final int status;
  private final String type;
  private final @Nullable String code;
  private final String anthropicType;

  ErrorKind(int status, String type, @Nullable String code, String anthropicType) {
    this.status = status;
    this.type = type;
    this.code = code;
    this.anthropicType = anthropicType;
  }

  public int status() {
    return status;
  }

  /** OpenAI's {@code type}. */
  public String type() {
    return type;
  }

  /** OpenAI's {@code code}, unless a cause has a closer one. */
  public @Nullable String code() {
    return code;
  }

  /** Anthropic's {@code error.type}. */
  public String anthropicType() {
    return anthropicType;
  }

  private static final class Words {
    static final String INVALID = "invalid_request_error";
    static final String SERVER = "server_error";
    static final String API = "api_error";
  }
}
