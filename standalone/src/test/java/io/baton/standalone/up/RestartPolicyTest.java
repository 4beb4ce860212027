package io.baton.standalone.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
  private final RestartPolicy policy = new RestartPolicy();

  @Test
  void eachRestartWaitsTwiceAsLongAndThereIsAnEnd() {
    long now = Long.MAX_VALUE - 5;
    for (int i = 0; i < RestartPolicy.MOST; i++) {
      assertThat(policy.afterLossAt(now)).contains(Duration.ofMillis(500L << i));
      now += Duration.ofSeconds(10).toNanos();
    }
    assertThat(policy.afterLossAt(now)).isEmpty();
  }

  @Test
  void oldLossesAreForgiven() {
    for (int i = 0; i < RestartPolicy.MOST; i++) {
      assertThat(policy.afterLossAt(i)).isPresent();
    }
    long later = RestartPolicy.WINDOW.toNanos() + RestartPolicy.MOST + 1;
    assertThat(policy.afterLossAt(later)).contains(Duration.ofMillis(500));
  }
}
