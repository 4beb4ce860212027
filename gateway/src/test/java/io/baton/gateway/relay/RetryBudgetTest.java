package io.baton.gateway.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private long now = 1;

  @Test
  void aMomentInWhichMuchFailsIsCoveredByTheReserve() {
    var budget = new RetryBudget(0.2, 50, () -> now);
    assertThat(taken(budget, 100)).isEqualTo(50);
  }

  @Test
  void whenEverythingFailsOnlyAShareOfTheRequestsIsTriedAgain() {
    var budget = new RetryBudget(0.2, 50, () -> now);
    int taken = 0;
    for (int i = 0; i < 10_000; i++) {
      now += Duration.ofMillis(1).toNanos();
      budget.request();
      taken += taken(budget, 3);
    }
    // 10 s: the reserve at first and once more in time, and a fifth of the requests.
    assertThat(taken).isBetween(2_000, 2_101);
  }

  @Test
  void theReserveComesBackInTime() {
    var budget = new RetryBudget(0, 20, () -> now);
    assertThat(taken(budget, 30)).isEqualTo(20);
    now += Duration.ofSeconds(5).toNanos();
    assertThat(taken(budget, 30)).isEqualTo(10);
    now += Duration.ofMinutes(5).toNanos();
    assertThat(taken(budget, 30)).isEqualTo(20);
  }

  private static int taken(RetryBudget budget, int wanted) {
    int taken = 0;
    for (int i = 0; i < wanted; i++) {
      taken += budget.take() ? 1 : 0;
    }
    return taken;
  }
}
