package io.baton.kvrouter;

/**
 * What a leg would cost on a worker rank, lower is better. One unit is the work of computing one
 * prompt token. The terms add up to {@link #total()}.
 *
 * @param queuedPrefill prompt tokens that wait there already
 * @param ownPrefill this prompt's tokens that the rank would have to compute
 * @param transfer moving KV that the rank lacks from the prefill worker
 * @param cacheLoss charge for giving up the best cached match among the candidates
 * @param decode tokens whose KV is read in each decode step there
 * @param requests active requests there
 */
public record CostTerms(
    double queuedPrefill,
    double ownPrefill,
    double transfer,
    double cacheLoss,
    double decode,
    double requests) {

  /** The cost. */
  public double total() {
    return queuedPrefill + ownPrefill + transfer + cacheLoss + decode + requests;
  }
}
