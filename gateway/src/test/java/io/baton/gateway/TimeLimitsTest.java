package io.baton.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.config.ConfigReader;
import io.baton.gateway.relay.Relay;
import io.baton.gateway.relay.TimeLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TimeLimitsTest {
  @Test
  void aModelsTimesReplaceThoseOfAllOneByOne() throws Exception {
    Relay.Settings settings =
        ConfigReader.read(
                GatewaySettings.class,
                Optional.empty(),
                Map.of(),
                List.of(
                    "limits.request_timeout=5m",
                    "limits.first_token_timeout=20s",
                    "limits.models=[{model: slow, request_timeout: 1h, inter_token_timeout: 2s}]"))
            .value()
            .toRelaySettings();
    assertThat(settings.modelTimes().get("slow"))
        .isEqualTo(
            new TimeLimits(
                Duration.ofSeconds(20),
                Duration.ofSeconds(2),
                Duration.ofHours(1),
                Duration.ofSeconds(10)));
    assertThat(settings.times().total()).isEqualTo(Duration.ofMinutes(5));
  }
}
