package io.baton.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.proto.v1.GatewayStatus;
import io.baton.transport.GatewayLeases.Lost;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GatewayLeasesTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private long now = 100 * SECOND;
  private final GatewayLeases leases = new GatewayLeases(Duration.ofSeconds(3), () -> now);

  @Test
  void aGatewayThatIsHeardOfKeepsItsLease() {
    leases.begin("g", 1);
    for (int beat = 0; beat < 10; beat++) {
      now += 2 * SECOND;
      assertThat(leases.heard(status(1))).isEmpty();
      assertThat(leases.lost(0, (id, life) -> true)).isEmpty();
    }
  }

  @Test
  void silenceEndsTheLeaseOnce() {
    leases.begin("g", 1);
    now += 4 * SECOND;

    assertThat(leases.lost(0, (id, life) -> true)).containsExactly(new Lost("g", 1, "is silent"));
    assertThat(leases.lost(0, (id, life) -> true)).isEmpty();
  }

  @Test
  void nobodyIsSilentForTheTimeWithoutBroker() {
    leases.begin("g", 1);
    long back = now + 60 * SECOND;
    now = back + 2 * SECOND;

    assertThat(leases.lost(back, (id, life) -> true)).isEmpty();

    now += 2 * SECOND;
    assertThat(leases.lost(back, (id, life) -> true)).hasSize(1);
  }

  @Test
  void anotherRequestIsASignOfLife() {
    leases.begin("g", 1);
    now += 2 * SECOND;
    leases.begin("g", 1);
    now += 2 * SECOND;

    assertThat(leases.lost(0, (id, life) -> true)).isEmpty();
  }

  @Test
  void lastWordsEndTheLeaseAtOnce() {
    leases.begin("g", 1);

    assertThat(leases.heard(status(1).toBuilder().setStopping(true).build()))
        .contains(new Lost("g", 1, "has stopped"));
  }

  @Test
  void aNewLifeEndsTheLeaseOfTheOld() {
    leases.begin("g", 1);

    assertThat(leases.heard(status(2))).contains(new Lost("g", 1, "has started anew"));
  }

  @Test
  void whoeverHasNoRequestsHereIsForgottenSilently() {
    leases.begin("g", 1);
    now += 4 * SECOND;

    assertThat(leases.lost(0, (id, life) -> false)).isEmpty();
    assertThat(leases.heard(status(2))).isEmpty();
  }

  @Test
  void strangersHaveNoLease() {
    assertThat(leases.heard(status(1))).isEmpty();
    now += 60 * SECOND;
    assertThat(leases.lost(0, (id, life) -> true)).isEmpty();
  }

  private static GatewayStatus status(long incarnation) {
    return GatewayStatus.newBuilder().setGatewayId("g").setIncarnation(incarnation).build();
  }
}
