package io.baton.kvrouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CostModelTest {
  private static final int BLOCK = 16;
  private static final Coefficients SPEEDS =
      new Coefficients(0.1, 0, 0.01, 0.02, 0.0001, 8, 100, 0);

  private final CostModel model = new CostModel(CostSettings.defaults());

  @Test
  void aWarmWorkerIsWorthItsQueueUpToWhatThePrefixSaves() {
    var setting = setting(Phase.PREFILL, 640, 600);

    CostTerms warm = model.terms(setting, device(30), 500, 0, 0, false);
    CostTerms cold = model.terms(setting, Overlap.NONE, 0, 0, 0, false);

    // 50 ms of queue and 16 ms of its own against 64 ms of its own.
    assertThat(warm.queue()).isEqualTo(50);
    assertThat(warm.prefill()).isCloseTo(16, within(1e-9));
    assertThat(cold.queue() + cold.prefill()).isCloseTo(64, within(1e-9));
  }

  @Test
  void givingUpTheBestMatchIsChargedInProportion() {
    var setting = setting(Phase.PREFILL, 100 * BLOCK, 50 * BLOCK);

    assertThat(model.terms(setting, device(50), 0, 0, 0, false).cacheLoss()).isZero();
    assertThat(model.terms(setting, device(20), 0, 0, 0, false).cacheLoss())
        .isCloseTo(CostSettings.defaults().cacheLossWeight() * 30 * BLOCK * 0.1, within(1e-9));
  }

  @Test
  void slowerTiersAndPredictionsCountByTheirCredit() {
    assertThat(model.held(100 * BLOCK, BLOCK, new Overlap(10, 4, 8, 3)) / BLOCK)
        .isEqualTo(10 + 0.75 * 4 + 0.25 * 8 + 3);
  }

  @Test
  void theLastTokenIsAlwaysComputed() {
    assertThat(model.held(10 * BLOCK, BLOCK, device(10))).isEqualTo(10 * BLOCK - 1);
    assertThat(model.held(0, BLOCK, Overlap.NONE)).isZero();
  }

  @Test
  void requestsAndTheirKvSlowEveryTokenOfTheAnswer() {
    var setting = setting(Phase.AGGREGATED, 1, 0);

    assertThat(model.terms(setting, Overlap.NONE, 0, 1_000, 5, false).decode())
        .isCloseTo(100 * (5 * 0.02 + 1_000 * 0.0001), within(1e-9));
  }

  @Test
  void aPrefillLegDoesNotPayForDecodeNorADecodeLegForQueuedPrompts() {
    assertThat(
            model
                .terms(setting(Phase.PREFILL, 64, 0), Overlap.NONE, 0, 1_000_000, 9, false)
                .decode())
        .isZero();
    CostTerms decode =
        model.terms(setting(Phase.DECODE, 5 * BLOCK, 0), device(3), 9_999, 0, 0, false);
    assertThat(decode.queue() + decode.prefill() + decode.cacheLoss()).isZero();
    assertThat(decode.transfer())
        .isCloseTo(CostSettings.defaults().handoffMillis() + 2 * BLOCK * 0.01, within(1e-9));
  }

  @Test
  void aSessionHasCreditWhereItWas() {
    var setting = setting(Phase.AGGREGATED, 64, 0);

    assertThat(model.terms(setting, Overlap.NONE, 0, 0, 0, true).session())
        .isEqualTo(-CostSettings.defaults().sessionCreditMillis());
    assertThat(model.terms(setting, Overlap.NONE, 0, 0, 0, false).session()).isZero();
  }

  private static CostModel.Setting setting(Phase phase, int promptTokens, double bestHeld) {
    return new CostModel.Setting(phase, promptTokens, BLOCK, 100, bestHeld, SPEEDS, false);
  }

  private static Overlap device(int blocks) {
    return new Overlap(blocks, 0, 0, 0);
  }
}
