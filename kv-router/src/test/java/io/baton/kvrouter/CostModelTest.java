package io.baton.kvrouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The worked examples of Dynamo's cost documentation, blocks of 16 tokens: with Dynamo's weights
 * the formula gives Dynamo's costs, in tokens instead of blocks.
 */
class CostModelTest {
  private static final int BLOCK = 16;

  @Test
  void aWarmWorkerWithAShortQueueBeatsAColdIdleOne() {
    CostModel model = dynamo(0, 0);
    var setting = new CostModel.Setting(Phase.AGGREGATED, 64, BLOCK, 0, 0);

    double warm = model.terms(setting, device(4), 48, 0, 0).total();
    double cold = model.terms(setting, Overlap.NONE, 0, 0, 0).total();

    assertThat(warm).isEqualTo(3 * BLOCK);
    assertThat(cold).isEqualTo(4 * BLOCK);
  }

  @Test
  void withCreditDecayTheSameColdWorkerWins() {
    CostModel model = dynamo(1, 0);
    var setting = new CostModel.Setting(Phase.AGGREGATED, 64, BLOCK, 0, 0);

    double warm = model.terms(setting, device(4), 48, 0, 0).total();

    assertThat(warm / BLOCK).isEqualTo(4.714, within(0.001));
  }

  @Test
  void activeRequestsHaveAWeightOfTheirOwn() {
    CostModel model = dynamo(0, 32 * BLOCK);
    var setting = new CostModel.Setting(Phase.AGGREGATED, 1, BLOCK, 0, 0);

    double cost = model.terms(setting, Overlap.NONE, 0, 100 * BLOCK, 4).total();

    assertThat((cost - 1) / BLOCK).isEqualTo(228);
  }

  @Test
  void aDecodeLegPaysForTheKvItMustReceiveAndNotForQueuedPrompts() {
    CostModel model = dynamo(0, 0);
    var setting = new CostModel.Setting(Phase.DECODE, 5 * BLOCK, BLOCK, 0, 0);

    double cost = model.terms(setting, device(3), 9_999, 10 * BLOCK, 0).total();

    // Dynamo leaves out the five blocks of the prompt, which are the same for all.
    assertThat(cost / BLOCK - 5).isEqualTo(7);
  }

  @Test
  void slowerTiersAndPredictionsCountByTheirCredit() {
    CostModel model = dynamo(0, 0);
    var setting = new CostModel.Setting(Phase.PREFILL, 100 * BLOCK, BLOCK, 0, 0);

    assertThat(model.credit(setting, new Overlap(10, 4, 8, 3), 0) / BLOCK)
        .isEqualTo(10 + 0.75 * 4 + 0.25 * 8 + 3);
  }

  @Test
  void givingUpTheBestMatchIsChargedInProportion() {
    CostModel model = new CostModel(RouterSettings.defaults());
    var setting = new CostModel.Setting(Phase.PREFILL, 100 * BLOCK, BLOCK, 0, 50 * BLOCK);

    assertThat(model.terms(setting, device(50), 0, 0, 0).cacheLoss()).isZero();
    assertThat(model.terms(setting, device(20), 0, 0, 0).cacheLoss())
        .isEqualTo(RouterSettings.defaults().cacheLossWeight() * 30 * BLOCK);
  }

  @Test
  void aPrefillLegDoesNotPayForDecode() {
    CostModel model = new CostModel(RouterSettings.defaults());
    var setting = new CostModel.Setting(Phase.PREFILL, 64, BLOCK, 0, 0);

    assertThat(model.terms(setting, Overlap.NONE, 0, 1_000_000, 0).decode()).isZero();
  }

  private static Overlap device(int blocks) {
    return new Overlap(blocks, 0, 0, 0);
  }

  /** Dynamo's weights: every token counts the same, no charge for lost cache. */
  private static CostModel dynamo(double creditDecay, double requestWeight) {
    return new CostModel(
        new RouterSettings(
            RoutingPolicy.KV,
            1,
            creditDecay,
            0.75,
            0.25,
            1,
            0,
            1,
            requestWeight,
            0,
            false,
            1_000,
            Duration.ZERO,
            1_000,
            16));
  }
}
