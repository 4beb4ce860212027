package io.baton.kvrouter;

/**
 * What a leg would cost on a worker rank, lower is better, in milliseconds. The terms add up to
 * {@link #total()}.
 *
 * @param queue until the prompts that wait there are computed
 * @param prefill computing what the rank lacks of this prompt
 * @param transfer moving KV that the rank lacks from the prefill worker
 * @param interference how long the requests that decode there wait while it computes the prompt
 * @param cacheLoss charge for giving up the best cached match among the candidates
 * @param decode how much longer this answer takes for the requests that decode beside it
 * @param session at most 0: credit for staying where the session was
 */
public record CostTerms(
    double queue,
    double prefill,
    double transfer,
    double interference,
    double cacheLoss,
    double decode,
    double session) {

  /** The cost. */
  public double total() {
    return queue + prefill + transfer + interference + cacheLoss + decode + session;
  }
}
