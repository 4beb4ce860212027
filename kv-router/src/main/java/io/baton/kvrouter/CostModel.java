package io.baton.kvrouter;

/**
 * The one formula of what a leg costs on a worker rank, in prompt tokens. It is Dynamo's, with the
 * faults mended that its users met.
 *
 * <pre>
 * held   = device + predicted blocks, + hostCredit * host, + diskCredit * disk blocks, in tokens
 * credit = overlapCredit * held / (1 + overlapCreditDecay * excess queue / prompt)
 *
 * aggregated   queue + (prompt - credit) + cacheLossWeight * (best credit - credit)
 *              + decodeWeight * decode tokens + requestWeight * requests
 * prefill      the same without decode tokens
 * decode       transferWeight * (prompt - credit)
 *              + decodeWeight * decode tokens + requestWeight * requests
 * </pre>
 *
 * <p>Why so:
 *
 * <ul>
 *   <li>Prompt tokens that wait count like the prompt's own, so the longest prefix alone can never
 *       draw everything to one rank.
 *   <li>A block that is lost must be computed again by somebody who has none of it; the charge for
 *       that keeps conversations together as long as the queue is not longer than what they save.
 *   <li>Decode tokens weigh a small fraction: reading a token's KV in a step is far cheaper than
 *       computing it, and block-for-block trade gives a third of the reachable hits away.
 *   <li>Each request has a weight of its own: with tokens alone, ranks with many short requests
 *       look idle and the others starve.
 *   <li>Units are tokens, not blocks, so ranks whose block size differs or is unknown compare.
 * </ul>
 */
final class CostModel {
  private final RouterSettings settings;

  CostModel(RouterSettings settings) {
    this.settings = settings;
  }

  /**
   * What all candidates of one decision have in common.
   *
   * @param phase of the leg
   * @param promptTokens its length
   * @param blockSize tokens per block of the overlaps
   * @param leastQueued fewest prompt tokens waiting on any candidate
   * @param bestCredit largest credit of any candidate
   */
  record Setting(
      Phase phase, int promptTokens, int blockSize, long leastQueued, double bestCredit) {}

  /** Prompt tokens that count as computed. */
  double credit(Setting setting, Overlap overlap, long queuedPrefillTokens) {
    double blocks =
        overlap.device()
            + overlap.predicted()
            + settings.hostCredit() * overlap.host()
            + settings.diskCredit() * overlap.disk();
    if (blocks == 0) {
      return 0;
    }
    double excess = (double) (queuedPrefillTokens - setting.leastQueued) / setting.promptTokens;
    double decay = 1 / (1 + settings.overlapCreditDecay() * excess);
    return settings.overlapCredit() * decay * blocks * setting.blockSize;
  }

  /** The cost of a rank with this overlap and load. */
  CostTerms terms(
      Setting setting,
      Overlap overlap,
      long queuedPrefillTokens,
      long decodeTokens,
      long activeRequests) {
    double credit = credit(setting, overlap, queuedPrefillTokens);
    double missing = setting.promptTokens - credit;
    double requests = settings.requestWeight() * activeRequests;
    double decode = settings.decodeWeight() * decodeTokens;
    double loss = settings.cacheLossWeight() * (setting.bestCredit - credit);
    return switch (setting.phase) {
      case AGGREGATED -> new CostTerms(queuedPrefillTokens, missing, 0, loss, decode, requests);
      case PREFILL -> new CostTerms(queuedPrefillTokens, missing, 0, loss, 0, requests);
      case DECODE -> new CostTerms(0, 0, settings.transferWeight() * missing, 0, decode, requests);
    };
  }
}
