package io.baton.gateway.relay;

import io.baton.gateway.api.ApiException;
import io.vertx.core.MultiMap;
import java.time.Duration;

/**
 * How long one request may take, and when its status goes out at the latest.
 *
 * @param firstToken from the request to its first token, waiting for its turn included; 0: as total
 * @param interToken longest silence after the first token; 0: as total
 * @param total from the request to the last byte of the answer
 * @param commitAfter an event stream's status 200 and comments go out after so long without a token
 */
public record TimeLimits(
    Duration firstToken, Duration interToken, Duration total, Duration commitAfter) {
  static final String FIRST_TOKEN_HEADER = "x-baton-first-token-timeout-ms";
  static final String INTER_TOKEN_HEADER = "x-baton-inter-token-timeout-ms";
  static final String TOTAL_HEADER = "x-baton-total-timeout-ms";
  static final String COMMIT_AFTER_HEADER = "x-baton-commit-after-ms";
  private static final long NOT_ASKED = -1;

  /**
   * With what a client asks for by headers, in milliseconds: it may have less time than configured,
   * never more. When its status comes is its own affair.
   *
   * @throws ApiException if a header is not a whole number
   */
  TimeLimits asked(MultiMap headers) throws ApiException {
    return new TimeLimits(
        shorter(firstToken, asked(headers, FIRST_TOKEN_HEADER, 1)),
        shorter(interToken, asked(headers, INTER_TOKEN_HEADER, 1)),
        shorter(total, asked(headers, TOTAL_HEADER, 1)),
        given(commitAfter, asked(headers, COMMIT_AFTER_HEADER, 0)));
  }

  private static long asked(MultiMap headers, String name, int least) throws ApiException {
    String value = headers.get(name);
    if (value == null) {
      return NOT_ASKED;
    }
    if (!value.strip().matches("[0-9]{1,12}") || Long.parseLong(value.strip()) < least) {
      throw ApiException.invalid(
          name,
          name + ": " + value + " (expected: milliseconds, a whole number from " + least + ")");
    }
    return Long.parseLong(value.strip());
  }

  private static Duration shorter(Duration configured, long asked) {
    boolean less = asked >= 0 && (configured.isZero() || asked < configured.toMillis());
    return less ? Duration.ofMillis(asked) : configured;
  }

  private static Duration given(Duration configured, long asked) {
    return asked >= 0 ? Duration.ofMillis(asked) : configured;
  }

  /** For an answer that comes in one piece, of which nobody sees the first token. */
  TimeLimits totalOnly() {
    return new TimeLimits(Duration.ZERO, Duration.ZERO, total, commitAfter);
  }

  /** The nearest end of what a request may wait before its first token. */
  Duration untilFirstToken() {
    return firstToken.isZero() || firstToken.compareTo(total) > 0 ? total : firstToken;
  }
}
