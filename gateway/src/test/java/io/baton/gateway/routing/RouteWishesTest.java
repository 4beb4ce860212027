package io.baton.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.gateway.admission.UsageLimits;
import io.baton.gateway.api.ApiException;
import io.baton.gateway.auth.Caller;
import io.baton.gateway.routing.RouteWishes.Way;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteWishesTest {
  private static final Caller CLIENT = new Caller("tenant", false, UsageLimits.NONE, 0);
  private static final Caller OPERATOR = new Caller("ops", true, UsageLimits.NONE, 0);

  @Test
  void everyHeaderIsUnderstood() throws Exception {
    var wishes =
        RouteWishes.parse(
            Map.of(
                    "x-baton-worker", "w1",
                    "x-baton-labels", "zone=a, rack=3",
                    "x-baton-role", "decode",
                    "x-baton-route-temperature", "0.5",
                    "x-baton-session", "s",
                    "x-baton-receipt", "1")
                ::get);

    assertThat(wishes.worker()).isEqualTo("w1");
    assertThat(wishes.labels()).isEqualTo(Map.of("zone", "a", "rack", "3"));
    assertThat(wishes.way()).contains(Way.DECODE);
    assertThat(wishes.temperature()).hasValue(0.5);
    assertThat(wishes.session()).isEqualTo("s");
    assertThat(wishes.receipt()).isTrue();
    assertThat(RouteWishes.parse(name -> null)).isEqualTo(RouteWishes.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x-baton-labels|zone|x-baton-labels: zone (expected: up to 16 of KEY=VALUE",
        "x-baton-labels|=a|KEY=VALUE",
        "x-baton-role|both|(expected: aggregated, disaggregated, decode)",
        "x-baton-route-temperature|-1|x-baton-route-temperature: -1 (expected: 0 to",
        "x-baton-route-temperature|NaN|expected: 0 to",
        "x-baton-receipt|please|(expected: 1 or 0)"
      })
  void aHeaderThatIsWrongIsNamedWithWhatIsExpected(String name, String value, String message) {
    assertThatThrownBy(() -> RouteWishes.parse(Map.of(name, value)::get))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining(message);
  }

  @Test
  void onlyThoseMaySteerWhomTheConfigurationLets() throws Exception {
    var pin = RouteWishes.parse(Map.of("x-baton-worker", "w1")::get);
    var session = RouteWishes.parse(Map.of("x-baton-session", "s")::get);

    SteeringRight.EVERYBODY.check(pin, CLIENT);
    SteeringRight.OPERATORS.check(pin, OPERATOR);
    SteeringRight.NOBODY.check(session, CLIENT);
    assertThatThrownBy(() -> SteeringRight.OPERATORS.check(pin, CLIENT))
        .hasMessageContaining("router.steering: operators");
    assertThatThrownBy(() -> SteeringRight.NOBODY.check(pin, OPERATOR))
        .isInstanceOf(ApiException.class);
  }
}
