package io.baton.gateway.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.kvrouter.KvRouter;
import io.baton.kvrouter.Phase;
import io.baton.kvrouter.Reservation;
import io.baton.kvrouter.RouteRequest;
import io.baton.kvrouter.RouterSettings;
import io.baton.kvrouter.WorkerProfile;
import io.baton.kvrouter.WorkerRank;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Load is given back when its worker says so, never because it is old. */
class LiveLegsTest {
  private final WorkerRank worker = new WorkerRank("w", 1, 0);
  private final LiveLegs legs = new LiveLegs();
  private long now = 1;
  private final KvRouter router =
      new KvRouter(RouterSettings.defaults(), () -> now, new SplittableRandom(1));

  LiveLegsTest() {
    router.workerJoined(worker, new WorkerProfile(Phase.AGGREGATED, 16, 100, "", true));
  }

  private Reservation send(String id) throws Exception {
    Reservation reservation =
        router.route(RouteRequest.of(id, Phase.AGGREGATED, new int[64])).reservation();
    legs.began(worker, id, reservation);
    return reservation;
  }

  @Test
  void aLegThatItsWorkerHadAndHasNoMoreIsNoLoad() throws Exception {
    send("a");
    send("b");
    assertThat(legs.heard(worker, Set.of("a", "b", "of another gateway"))).isEqualTo(2);

    assertThat(legs.heard(worker, Set.of("b"))).isEqualTo(1);

    assertThat(router.stats().activeReservations()).isEqualTo(1);
    assertThat(legs.gone()).isEqualTo(1);
  }

  @Test
  void aLegOnItsWayIsLoadHoweverOftenItsWorkerDoesNotKnowIt() throws Exception {
    send("a");
    assertThat(legs.heard(worker, Set.of())).isZero();
    assertThat(legs.heard(worker, Set.of())).isZero();

    assertThat(router.stats().activeReservations()).isEqualTo(1);
  }

  @Test
  void aLegThatRunsForADayIsLoadForADay() throws Exception {
    send("a");
    for (int hour = 0; hour < 24; hour++) {
      now += TimeUnit.HOURS.toNanos(1);
      assertThat(legs.heard(worker, Set.of("a"))).isEqualTo(1);
    }

    assertThat(router.stats().activeReservations()).isEqualTo(1);
  }

  @Test
  void whatHasEndedHereIsNotGivenBackTwice() throws Exception {
    Reservation reservation = send("a");
    legs.heard(worker, Set.of("a"));
    reservation.release();
    legs.ended(worker, "a");

    assertThat(legs.heard(worker, Set.of())).isZero();
    assertThat(legs.gone()).isZero();
    assertThat(router.stats().activeReservations()).isZero();
  }
}
