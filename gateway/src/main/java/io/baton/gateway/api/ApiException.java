package io.baton.gateway.api;

import org.jspecify.annotations.Nullable;

/** What a client is told instead of an answer: a status and the fields of OpenAI's envelope. */
public final class ApiException extends Exception {
  private static final String INVALID = "invalid_request_error";
  private static final String SERVER = "server_error";

  private final int status;
  private final String type;
  private final @Nullable String param;
  private final @Nullable String code;
  private final int retryAfterSeconds;

  private ApiException(
      int status,
      String type,
      String message,
      @Nullable String param,
      @Nullable String code,
      int retryAfterSeconds) {
    super(message, null, false, false);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** 400: this parameter is wrong. */
  public static ApiException invalid(@Nullable String param, String message) {
    return new ApiException(400, INVALID, message, param, null, 0);
  }

  /** 400: this parameter is known, but Baton does not do it. */
  public static ApiException unsupported(String param, String message) {
    return new ApiException(400, INVALID, message, param, "unsupported_parameter", 0);
  }

  /** 400: more tokens than the model can take. */
  public static ApiException contextTooLong(int promptTokens, int maxContext) {
    return new ApiException(
        400,
        INVALID,
        "This model's maximum context length is "
            + maxContext
            + " tokens, but the prompt has "
            + promptTokens
            + ". Shorten the prompt.",
        "messages",
        "context_length_exceeded",
        0);
  }

  /** 401: no key, or a wrong one. */
  public static ApiException unauthorized(String message) {
    return new ApiException(401, INVALID, message, null, "invalid_api_key", 0);
  }

  /** 404: no such model. */
  public static ApiException unknownModel(String model) {
    return new ApiException(
        404,
        INVALID,
        "The model `" + model + "` does not exist. GET /v1/models lists those that do.",
        "model",
        "model_not_found",
        0);
  }

  /** 404: no such route. */
  public static ApiException unknownRoute(String method, String path) {
    return new ApiException(
        404, INVALID, "Unknown request URL: " + method + " " + path, null, "unknown_url", 0);
  }

  /** 405: the route exists, for other methods. */
  public static ApiException wrongMethod(String method, String path) {
    return new ApiException(
        405,
        INVALID,
        "Not allowed: " + method + " " + path + ". Use another method.",
        null,
        "method_not_allowed",
        0);
  }

  /** 413: more bytes than the gateway takes. */
  public static ApiException tooLarge(String message) {
    return new ApiException(413, INVALID, message, null, "request_too_large", 0);
  }

  /** 503: nobody can do it just now. */
  public static ApiException unavailable(String message, int retryAfterSeconds) {
    return new ApiException(503, SERVER, message, null, "service_unavailable", retryAfterSeconds);
  }

  /** 504: the deadline has passed. */
  public static ApiException deadline(long milliseconds) {
    return new ApiException(
        504,
        SERVER,
        "The request did not finish within " + milliseconds + " ms.",
        null,
        "deadline_exceeded",
        0);
  }

  /** 502: a worker broke off, or its engine failed. Says nothing of the inside. */
  public static ApiException workerFailed(String message, String code) {
    return new ApiException(502, SERVER, message, null, code, 0);
  }

  /** An engine's own refusal of a client's mistake, with its status. */
  public static ApiException fromEngine(int status, String message, @Nullable String param) {
    return new ApiException(status, INVALID, message, param, null, 0);
  }

  /** 500: a defect of Baton. */
  public static ApiException internal() {
    return new ApiException(
        500,
        SERVER,
        "The gateway failed to handle this request. The trace id in the x-trace-id header names it.",
        null,
        "internal_error",
        0);
  }

  /** The message for the client. */
  public String text() {
    return String.valueOf(getMessage());
  }

  public int status() {
    return status;
  }

  public String type() {
    return type;
  }

  public @Nullable String param() {
    return param;
  }

  public @Nullable String code() {
    return code;
  }

  /** 0 if the client should not simply try again. */
  public int retryAfterSeconds() {
    return retryAfterSeconds;
  }

  /** Short and of few values: for metrics and {@code error.type}. */
  public String shortName() {
    return code != null ? code : type;
  }
}
