package io.baton.gateway.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.gateway.api.ApiException;
import io.vertx.core.MultiMap;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AskedTimesTest {
  private static final TimeLimits CONFIGURED =
      new TimeLimits(
          Duration.ofSeconds(10), Duration.ZERO, Duration.ofMinutes(5), Duration.ofSeconds(10));

  @Test
  void aClientGetsLessTimeWhenItWantsToAndNeverMore() throws Exception {
    var headers = MultiMap.caseInsensitiveMultiMap();
    headers.add(TimeLimits.FIRST_TOKEN_HEADER, "20000");
    headers.add(TimeLimits.INTER_TOKEN_HEADER, "700");
    headers.add(TimeLimits.TOTAL_HEADER, "1000");
    headers.add(TimeLimits.COMMIT_AFTER_HEADER, "60000");
    assertThat(CONFIGURED.asked(headers))
        .isEqualTo(
            new TimeLimits(
                Duration.ofSeconds(10),
                Duration.ofMillis(700),
                Duration.ofSeconds(1),
                Duration.ofMinutes(1)));
    assertThat(CONFIGURED.asked(MultiMap.caseInsensitiveMultiMap())).isEqualTo(CONFIGURED);
  }

  @Test
  void whatIsNoNumberOfMillisecondsIsRefused() {
    for (String wrong : new String[] {"", "0", "-1", "1s", "1.5", "99999999999999999999"}) {
      var headers = MultiMap.caseInsensitiveMultiMap();
      headers.add(TimeLimits.TOTAL_HEADER, wrong);
      assertThatThrownBy(() -> CONFIGURED.asked(headers))
          .as(wrong)
          .isInstanceOf(ApiException.class)
          .hasMessageContaining(TimeLimits.TOTAL_HEADER);
    }
  }
}
