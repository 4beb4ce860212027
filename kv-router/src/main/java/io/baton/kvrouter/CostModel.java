package io.baton.kvrouter;

/**
 * The one formula of what a leg costs on a worker rank, in milliseconds.
 *
 * <pre>
 * held       = device + predicted + hostCredit * host + diskCredit * disk blocks, in tokens
 *
 * aggregated   queue + prefill(prompt - held) + cacheLossWeight * prefill(best held - held)
 *              + decode - session
 * prefill      the same without decode
 * decode       handoff + transfer(prompt - held) + decode - session
 * decode alone as aggregated, plus interference
 *
 * queue      = prompt tokens waiting there, less what is done of the first, at prefill speed
 * decode     = output tokens * (per request * requests + per KV token * KV tokens there)
 * interference = interferenceWeight * prefill(prompt - held) * requests that decode there
 * </pre>
 *
 * <p>Why so:
 *
 * <ul>
 *   <li>Prompt tokens that wait count like the prompt's own, so the longest prefix alone can never
 *       draw everything to one rank.
 *   <li>A block that is lost must be computed by somebody who has none of it and who must make room
 *       for it; the charge for that keeps conversations together as long as the queue is not longer
 *       than what they save.
 *   <li>Each request weighs in decode, whatever its length: with KV alone, ranks with many short
 *       requests look idle and the others starve.
 *   <li>The unit is time, so one estimate may be set beside another: of a prefill worker and of a
 *       decode worker that would compute the prompt itself, alone. That keeps those who decode
 *       there waiting, which costs them and so counts.
 * </ul>
 */
final class CostModel {
  private final CostSettings settings;

  CostModel(CostSettings settings) {
    this.settings = settings;
  }

  /**
   * What all candidates of one decision have in common.
   *
   * @param phase of the leg
   * @param promptTokens its length
   * @param blockSize tokens per block of the overlaps
   * @param outputTokens of the answer, as far as anybody can guess
   * @param bestHeld most prompt tokens that any candidate holds
   * @param coefficients of this moment
   * @param alone whether a decode worker would compute the prompt itself
   */
  record Setting(
      Phase phase,
      int promptTokens,
      int blockSize,
      double outputTokens,
      double bestHeld,
      Coefficients coefficients,
      boolean alone) {}

  /** Prompt tokens that count as computed; at most all but the last, which is always computed. */
  double held(int promptTokens, int blockSize, Overlap overlap) {
    double blocks =
        overlap.device()
            + overlap.predicted()
            + settings.hostCredit() * overlap.host()
            + settings.diskCredit() * overlap.disk();
    return Math.min(blocks * blockSize, Math.max(0, promptTokens - 1));
  }

  /**
   * The cost of a rank with this overlap and load.
   *
   * @param queuedTokens prompt tokens it has yet to compute
   * @param kvTokens tokens whose KV its requests hold
   * @param sameSession whether the session's last request went there
   */
  CostTerms terms(
      Setting setting,
      Overlap overlap,
      double queuedTokens,
      long kvTokens,
      long activeRequests,
      boolean sameSession) {
    Coefficients c = setting.coefficients;
    double held = held(setting.promptTokens, setting.blockSize, overlap);
    double missing = setting.promptTokens - held;
    double session = sameSession ? -settings.sessionCreditMillis() : 0;
    if (setting.phase == Phase.DECODE && !setting.alone) {
      double transfer = settings.handoffMillis() + c.transferMillisPerToken() * missing;
      return new CostTerms(
          0, 0, transfer, 0, 0, decode(setting, activeRequests, kvTokens), session);
    }
    double perToken = c.prefillMillisPerToken();
    double decode = setting.phase == Phase.PREFILL ? 0 : decode(setting, activeRequests, kvTokens);
    return new CostTerms(
        perToken * queuedTokens,
        perToken * missing,
        0,
        setting.alone ? settings.interferenceWeight() * perToken * missing * activeRequests : 0,
        settings.cacheLossWeight() * perToken * Math.max(0, setting.bestHeld - held),
        decode,
        session);
  }

  private static double decode(Setting setting, long requests, long kvTokens) {
    Coefficients c = setting.coefficients;
    return setting.outputTokens
        * (c.decodeMillisPerRequest() * requests + c.decodeMillisPerKvToken() * kvTokens);
  }
}
