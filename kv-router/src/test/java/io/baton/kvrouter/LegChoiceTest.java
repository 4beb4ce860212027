package io.baton.kvrouter;

import static io.baton.kvrouter.TestFleet.BLOCK;
import static io.baton.kvrouter.TestFleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Whether a prompt gets a prefill worker follows from two estimates and from no number of tokens.
 */
class LegChoiceTest {
  private static final RouterSettings SETTINGS =
      RouterSettings.defaults().withCost(CostSettings.defaults().withPrefill(16_000, true));

  private final TestFleet fleet =
      new TestFleet(SETTINGS).join(Phase.PREFILL, 1).join(Phase.DECODE, 1);
  private final WorkerRank prefill = fleet.workers.get(0);
  private final WorkerRank decode = fleet.workers.get(1);
  private final int[] longPrompt = prompt(1, 500);

  @Test
  void anIdlePairWithALongPromptStaysAPair() throws Exception {
    decodeIsBusyWith(8);

    LegChoice choice = compare(longPrompt);

    assertThat(choice.alone()).isFalse();
    // 8,000 tokens at 16,000 a second, and again a quarter of that for each of eight.
    assertThat(choice.aloneMillis().getAsDouble() - choice.apartMillis().getAsDouble())
        .isBetween(950.0, 1_000.0);
  }

  @Test
  void theFewNewTokensOfAConversationAreNotWorthAHandover() throws Exception {
    fleet.store(decode, longPrompt, 498);
    fleet.store(prefill, longPrompt, 498);

    assertThat(compare(longPrompt).alone()).isTrue();
  }

  @Test
  void theSameTokensGoToThePrefillWorkerWhenManyDecodeAndWouldWait() throws Exception {
    fleet.store(decode, longPrompt, 490);
    fleet.store(prefill, longPrompt, 490);
    decodeIsBusyWith(60);

    assertThat(compare(longPrompt).alone()).isFalse();
  }

  @Test
  void aLongQueueBeforeThePrefillWorkersMakesADecodeWorkerDoItAlone() throws Exception {
    assertThat(compare(prompt(2, 20)).apartMillis().getAsDouble()).isLessThan(100);
    fleet.router.reported(prefill, new ReportedLoad(4, 9, 100, 100_000));

    LegChoice choice = compare(prompt(2, 20));

    assertThat(choice.alone()).isTrue();
    assertThat(choice.apartMillis().getAsDouble()).isGreaterThan(6_000);
  }

  @Test
  void prefillWorkersThatTurnOutToBeSlowerAreUsedLess() throws Exception {
    decodeIsBusyWith(2);
    assertThat(compare(prompt(3, 60)).alone()).isFalse();

    for (int i = 0; i < 40; i++) {
      RouteReceipt leg =
          fleet.route(RouteRequest.of("r" + i, Phase.PREFILL, prompt(100 + i, 20 + i)));
      // A tenth of the speed they are believed to have.
      fleet.now += (20L + i) * BLOCK * 625_000;
      leg.reservation().prefillDone();
      leg.reservation().release();
    }

    assertThat(fleet.router.stats().coefficients(Phase.PREFILL).prefillMillisPerToken())
        .isBetween(0.5, 0.7);
    assertThat(compare(prompt(3, 60)).alone()).isTrue();
  }

  @Test
  void withoutAPrefillWorkerADecodeWorkerDoesItAloneAndThePromptCountsAsItsQueue()
      throws Exception {
    fleet.router.workerRoutable(prefill, false);
    assertThat(compare(longPrompt).alone()).isTrue();

    RouteReceipt receipt = fleet.route(RouteRequest.of("r", Phase.DECODE, longPrompt).withAlone());

    assertThat(receipt.chosen()).isEqualTo(decode);
    assertThat(fleet.stats(decode).queuedPrefillTokens()).isEqualTo(500L * BLOCK);
    receipt.reservation().release();
    assertThat(fleet.stats(decode).queuedPrefillTokens()).isZero();
  }

  private void decodeIsBusyWith(int requests) {
    fleet.router.reported(decode, new ReportedLoad(requests, 0, requests * 10L, 0));
  }

  private LegChoice compare(int[] tokens) throws NoWorkerException {
    return fleet.router.compareLegs(
        RouteRequest.of("r", Phase.PREFILL, tokens),
        RouteRequest.of("r", Phase.DECODE, tokens),
        SETTINGS);
  }
}
