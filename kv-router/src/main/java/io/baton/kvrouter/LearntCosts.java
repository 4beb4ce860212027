package io.baton.kvrouter;

/**
 * The coefficients of the cost estimate as they are now: from the settings at first, then from
 * finished requests. One router serves one pool, so these are the pool's.
 *
 * <ul>
 *   <li>Prefill: time to first token against the prompt tokens that were waiting and the request's
 *       own; the slope is milliseconds a token, the base is what a request costs anyhow and is the
 *       same for all.
 *   <li>Decode: time between tokens against what the settings say a step takes for its requests and
 *       their KV; the slope says how far that is off. It may only fall: prompts that are computed
 *       in between lengthen steps too, and come with the same load.
 *   <li>Answers: their mean length.
 * </ul>
 *
 * <p>No slope goes further than a factor of 32 from its start. Safe for use by many threads;
 * readers take no lock.
 */
final class LearntCosts {
  private static final double FACTOR = 32;
  private static final double OUTPUT_SHARE = 1.0 / 256;

  /** Answers shorter than this say little about the time between tokens. */
  private static final int FEWEST_OUTPUT_TOKENS = 16;

  private final CostSettings settings;
  private final LearntLine prefill;
  private final LearntLine decode;
  private volatile Coefficients now;

  LearntCosts(CostSettings settings) {
    this.settings = settings;
    this.prefill = new LearntLine(1e3 / settings.prefillTokensPerSecond(), FACTOR, FACTOR);
    this.decode = new LearntLine(1, FACTOR, 1);
    this.now = current(settings.outputTokens());
  }

  Coefficients now() {
    return now;
  }

  /**
   * A first token came.
   *
   * @param tokens prompt tokens that had to be computed before it, others' and its own
   * @param millis since the request was sent there
   */
  void sawFirstToken(double tokens, double millis) {
    if (!settings.learning() || tokens <= 0) {
      return;
    }
    synchronized (this) {
      prefill.saw(tokens, millis);
      now = current(now.outputTokens());
    }
  }

  /**
   * An answer ended.
   *
   * @param millis from its first to its last token
   * @param requests that were active there meanwhile, itself included
   * @param kvTokens that they held
   */
  void sawAnswer(int outputTokens, double millis, double requests, double kvTokens) {
    if (!settings.learning() || outputTokens <= 0) {
      return;
    }
    synchronized (this) {
      if (outputTokens >= FEWEST_OUTPUT_TOKENS) {
        decode.saw(believedStep(requests, kvTokens), millis / (outputTokens - 1));
      }
      double mean = now.outputTokens();
      now = current(mean + OUTPUT_SHARE * (outputTokens - mean));
    }
  }

  private double believedStep(double requests, double kvTokens) {
    return settings.decodeMillisPerRequest() * requests
        + settings.decodeMillisPerKvToken() * kvTokens;
  }

  private Coefficients current(double outputTokens) {
    return new Coefficients(
        prefill.slope(),
        prefill.base(),
        1e3 / settings.transferTokensPerSecond(),
        settings.decodeMillisPerRequest() * decode.slope(),
        settings.decodeMillisPerKvToken() * decode.slope(),
        decode.base(),
        outputTokens,
        prefill.sightings());
  }
}
