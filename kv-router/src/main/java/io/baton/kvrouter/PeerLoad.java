package io.baton.kvrouter;

/**
 * What other routers have put on a worker rank and not had back, all of them together.
 *
 * @param requests legs
 * @param prefillTokens prompt tokens that are not known to be computed
 * @param kvTokens tokens whose KV the legs hold or will hold
 */
public record PeerLoad(long requests, long prefillTokens, long kvTokens) {
  /** Nothing. */
  public static final PeerLoad NONE = new PeerLoad(0, 0, 0);
}
