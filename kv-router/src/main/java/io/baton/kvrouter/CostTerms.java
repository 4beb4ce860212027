package io.baton.kvrouter;

/**
 * What a worker rank would cost, lower is better, in prompt tokens: one unit is the work of
 * computing one prompt token. The terms add up to {@link #total()}.
 *
 * @param queuedPrefill prompt tokens that wait there already
 * @param ownPrefill this prompt's tokens less the credit for blocks the rank holds
 * @param cacheLoss charge for giving up the best cached match among the candidates
 * @param decode tokens whose KV would be read in each decode step there
 * @param requests active requests there
 */
public record CostTerms(
    double queuedPrefill, double ownPrefill, double cacheLoss, double decode, double requests) {

  /** The cost. */
  public double total() {
    return queuedPrefill + ownPrefill + cacheLoss + decode + requests;
  }
}
