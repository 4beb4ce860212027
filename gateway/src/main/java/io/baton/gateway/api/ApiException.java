package io.baton.gateway.api;

import org.jspecify.annotations.Nullable;

/**
 * What a client is told instead of an answer. Status, type and code come from {@link ErrorKind};
 * here are the words.
 */
public final class ApiException extends Exception {
  private final ErrorKind kind;
  private final int status;
  private final @Nullable String param;
  private final @Nullable String code;
  private final int retryAfterSeconds;
  private final String allow;

  private ApiException(
      ErrorKind kind,
      int status,
      String message,
      @Nullable String param,
      @Nullable String code,
      int retryAfterSeconds,
      String allow) {
    super(message, null, false, false);
    this.kind = kind;
    this.status = status;
    this.param = param;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
    this.allow = allow;
  }

  private static ApiException of(ErrorKind kind, String message, @Nullable String param) {
    return new ApiException(kind, kind.status(), message, param, kind.code(), 0, "");
  }

  /** 400: this parameter is wrong. */
  public static ApiException invalid(@Nullable String param, String message) {
    return of(ErrorKind.INVALID, message, param);
  }

  /** 400: this parameter is known, but Baton does not do it. */
  public static ApiException unsupported(String param, String message) {
    return of(ErrorKind.UNSUPPORTED_PARAMETER, message, param);
  }

  /** 400: nobody knows this parameter, and this gateway is told to mind. */
  public static ApiException unknownParameter(String param) {
    return of(
        ErrorKind.UNKNOWN_PARAMETER,
        param + ": unknown (expected: a parameter of this endpoint; GET /openapi.json lists them)",
        param);
  }

  /** 400: more than this gateway allows one request; says where the limit is set. */
  public static ApiException overLimit(String param, String what, String setting, long limit) {
    return of(
        ErrorKind.LIMIT_EXCEEDED,
        what + " (limit of this gateway: " + limit + ", set by " + setting + ")",
        param);
  }

  /** 400: more tokens than the model can take. */
  public static ApiException contextTooLong(int promptTokens, int maxContext) {
    return of(
        ErrorKind.CONTEXT_TOO_LONG,
        "This model's maximum context length is "
            + maxContext
            + " tokens, but the prompt has "
            + promptTokens
            + ". Shorten the prompt.",
        "messages");
  }

  /**
   * 404: no such model.
   *
   * @param nearest names that the client may have meant, as a sentence; may be empty
   */
  public static ApiException unknownModel(String model, String nearest) {
    return of(
        ErrorKind.UNKNOWN_MODEL,
        "The model `"
            + model
            + "` does not exist."
            + (nearest.isEmpty() ? "" : " " + nearest)
            + " GET /v1/models lists those that do.",
        "model");
  }

  /** 429: this client has used what it may, or waited in vain behind others. */
  public static ApiException rateLimited(String message, int retryAfterSeconds) {
    ErrorKind kind = ErrorKind.RATE_LIMITED;
    return new ApiException(kind, kind.status(), message, null, kind.code(), retryAfterSeconds, "");
  }

  /** 401: no key, or a wrong one. */
  public static ApiException unauthorized(String message) {
    return of(ErrorKind.WRONG_KEY, message, null);
  }

  /** 403: this key may not do that. */
  public static ApiException forbidden(String message) {
    return of(ErrorKind.FORBIDDEN, message, null);
  }

  /** 404: no such model. */
  public static ApiException unknownModel(String model) {
    return unknownModel(model, "");
  }

  /** 404: no such route. */
  public static ApiException unknownRoute(String method, String path) {
    return of(ErrorKind.UNKNOWN_ROUTE, "Unknown request URL: " + method + " " + path, null);
  }

  /**
   * 405: the route exists, for other methods.
   *
   * @param allow the methods it takes, as in the header of that name
   */
  public static ApiException wrongMethod(String method, String path, String allow) {
    var kind = ErrorKind.WRONG_METHOD;
    String message = "Not allowed: " + method + " " + path + ". Use " + allow + ".";
    return new ApiException(kind, kind.status(), message, null, kind.code(), 0, allow);
  }

  /** 400: the bytes on the connection are no HTTP request. */
  public static ApiException malformedHttp() {
    return of(ErrorKind.MALFORMED_HTTP, "This is not a valid HTTP request.", null);
  }

  /** 414: more bytes before the headers than the gateway takes. */
  public static ApiException longUrl(int maxBytes) {
    return of(ErrorKind.LONG_URL, "The request line is longer than " + maxBytes + " bytes.", null);
  }

  /** 431: more bytes of headers than the gateway takes. */
  public static ApiException largeHeaders(int maxBytes) {
    return of(
        ErrorKind.LARGE_HEADERS,
        "The headers are larger than "
            + maxBytes
            + " bytes, the limit of this gateway (server.max_header).",
        null);
  }

  /** 413: more bytes than the gateway takes. */
  public static ApiException tooLarge(String message) {
    return of(ErrorKind.TOO_LARGE, message, null);
  }

  /** 415: the body is packed in a way that is not known. */
  public static ApiException unsupportedEncoding(String encoding) {
    return of(
        ErrorKind.UNSUPPORTED_ENCODING,
        "content-encoding: " + encoding + " (expected: gzip, deflate or identity)",
        null);
  }

  /** 408: the body did not come. */
  public static ApiException bodyTimeout(long milliseconds) {
    return of(
        ErrorKind.BODY_TIMEOUT,
        "The request's body did not arrive within "
            + milliseconds
            + " ms, the limit of this gateway (server.body_timeout).",
        null);
  }

  /** 503: nobody can do it just now. */
  public static ApiException unavailable(String message, int retryAfterSeconds) {
    var kind = ErrorKind.UNAVAILABLE;
    return new ApiException(kind, kind.status(), message, null, kind.code(), retryAfterSeconds, "");
  }

  /** 504: the deadline has passed. */
  public static ApiException deadline(long milliseconds) {
    return of(
        ErrorKind.DEADLINE, "The request did not finish within " + milliseconds + " ms.", null);
  }

  /**
   * 504: a time limit other than the whole request's.
   *
   * @param code which
   */
  public static ApiException timedOut(String message, String code) {
    var kind = ErrorKind.DEADLINE;
    return new ApiException(kind, kind.status(), message, null, code, 0, "");
  }

  /** 502: a worker broke off, or its engine failed. Says nothing of the inside. */
  public static ApiException workerFailed(String message, String code) {
    var kind = ErrorKind.WORKER_FAILED;
    return new ApiException(kind, kind.status(), message, null, code, 0, "");
  }

  /** An engine's own refusal of a client's mistake, with its status. */
  public static ApiException fromEngine(int status, String message, @Nullable String param) {
    return new ApiException(ErrorKind.ENGINE_REFUSED, status, message, param, null, 0, "");
  }

  /** 500: a defect of Baton. */
  public static ApiException internal() {
    return of(
        ErrorKind.INTERNAL,
        "The gateway failed to handle this request. The trace id in the x-trace-id header names it.",
        null);
  }

  /** The row of the table that this is. */
  public ErrorKind kind() {
    return kind;
  }

  /** The message for the client. */
  public String text() {
    return String.valueOf(getMessage());
  }

  public int status() {
    return status;
  }

  public String type() {
    return kind.type();
  }

  public @Nullable String param() {
    return param;
  }

  public @Nullable String code() {
    return code;
  }

  /** Methods that the route takes; empty unless that is the error. */
  public String allow() {
    return allow;
  }

  /** 0 if the client should not simply try again. */
  public int retryAfterSeconds() {
    return retryAfterSeconds;
  }

  /** Short and of few values: for metrics and {@code error.type}. */
  public String shortName() {
    return code != null ? code : type();
  }
}
