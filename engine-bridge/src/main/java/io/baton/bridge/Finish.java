package io.baton.bridge;

/**
 * How a request ended and what it took. Durations in seconds; negative: not known or did not
 * happen.
 *
 * @param stopToken the token that stopped it for {@link FinishReason#STOP}; -1 otherwise
 * @param cachedTokens prompt tokens not computed since their KV was there
 * @param transferredTokens prompt tokens whose KV came from, or went to, the other leg
 * @param transferredBytes KV bytes moved over the data plane
 * @param spansMade spans that the engine's own process made for this request
 */
public record Finish(
    FinishReason reason,
    int stopToken,
    int promptTokens,
    int completionTokens,
    int cachedTokens,
    int transferredTokens,
    long transferredBytes,
    double queueSeconds,
    double prefillSeconds,
    double transferSeconds,
    double decodeSeconds,
    int spansMade) {

  /** The same, stopped by a token; -1: by none. */
  public Finish stoppedBy(int token) {
    return with(reason, token);
  }

  /** The same with another reason. */
  public Finish because(FinishReason other) {
    return with(other, stopToken);
  }

  private Finish with(FinishReason reason, int stopToken) {
    return new Finish(
        reason,
        stopToken,
        promptTokens,
        completionTokens,
        cachedTokens,
        transferredTokens,
        transferredBytes,
        queueSeconds,
        prefillSeconds,
        transferSeconds,
        decodeSeconds,
        spansMade);
  }
}
