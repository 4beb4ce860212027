package io.baton.kvrouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LearntCostsTest {
  private static final CostSettings START = CostSettings.defaults();

  private final LearntCosts learnt = new LearntCosts(START);
  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void beginsWithTheStatedDefaults() {
    assertThat(learnt.now().prefillMillisPerToken())
        .isEqualTo(1e3 / START.prefillTokensPerSecond());
    assertThat(learnt.now().decodeMillisPerRequest()).isEqualTo(START.decodeMillisPerRequest());
    assertThat(learnt.now().outputTokens()).isEqualTo(START.outputTokens());
  }

  @Test
  void findsTheSpeedOfPrefillAndWhatARequestCostsAnyhow() {
    for (int i = 0; i < 1_000; i++) {
      double tokens = random.nextDouble(10, 20_000);
      learnt.sawFirstToken(tokens, 30 + tokens / 5 * random.nextDouble(0.9, 1.1));
    }

    assertThat(learnt.now().prefillMillisPerToken()).isCloseTo(0.2, within(0.01));
    assertThat(learnt.now().firstTokenMillis()).isCloseTo(30, within(60.0));
  }

  @Test
  void promptsOfOneLengthSayNothingOfTheSpeed() {
    for (int i = 0; i < 1_000; i++) {
      learnt.sawFirstToken(1_000, 50);
    }

    assertThat(learnt.now().prefillMillisPerToken())
        .isEqualTo(1e3 / START.prefillTokensPerSecond());
  }

  @Test
  void noMatterWhatIsSeenEveryCoefficientStaysWithinItsBounds() {
    for (int i = 0; i < 10_000; i++) {
      learnt.sawFirstToken(random.nextDouble(1, 1e6), random.nextDouble(0, 1e9));
      learnt.sawAnswer(
          random.nextInt(1, 5_000), random.nextDouble(1e9), random.nextDouble(1e4), 1e7);
      Coefficients now = learnt.now();
      assertThat(now.prefillMillisPerToken() * START.prefillTokensPerSecond() / 1e3)
          .isBetween(1 / 32.1, 32.1);
      assertThat(now.decodeMillisPerRequest() / START.decodeMillisPerRequest())
          .isBetween(1 / 32.1, 32.1);
      assertThat(now.outputTokens()).isBetween(1.0, 5_000.0);
    }
  }

  @Test
  void stepsThatNothingSlowsMakeDecodeCheap() {
    for (int i = 0; i < 500; i++) {
      learnt.sawAnswer(101, 2_000, random.nextDouble(1, 60), random.nextDouble(1e3, 1e5));
    }

    assertThat(learnt.now().decodeMillisPerRequest())
        .isCloseTo(START.decodeMillisPerRequest() / 32, within(1e-9));
    assertThat(learnt.now().stepMillis()).isCloseTo(20, within(0.5));
  }

  @Test
  void learnsNothingWhenToldSo() {
    LearntCosts fixed = new LearntCosts(START.withPrefill(1_000, false));

    for (int i = 0; i < 100; i++) {
      fixed.sawFirstToken(100 + i * 10, 1);
      fixed.sawAnswer(50, 1, 5, 5);
    }

    assertThat(fixed.now().prefillMillisPerToken()).isEqualTo(1);
    assertThat(fixed.now().outputTokens()).isEqualTo(START.outputTokens());
  }
}
