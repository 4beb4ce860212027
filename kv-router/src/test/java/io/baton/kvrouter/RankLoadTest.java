package io.baton.kvrouter;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.kvrouter.Reservation.Amounts;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RankLoadTest {
  private static final int BLOCK = 16;

  private final RankLoad load = new RankLoad();
  private final AtomicLong active = new AtomicLong();

  private long now = 1;

  private Reservation reserve(long prefillTokens, long promptTokens) {
    return new Reservation(
        load,
        active,
        () -> now,
        new LearntCosts(CostSettings.defaults()),
        new Amounts(prefillTokens, promptTokens, 0));
  }

  @Test
  void ofTheFirstPromptThePartThatIsDoneByNowDoesNotWaitAnyMore() {
    Reservation first = reserve(1_000, 1_000);
    reserve(500, 500);

    now += 100_000_000;
    assertThat(load.backlogTokens(now, 0.5)).isEqualTo(1_300);
    now += 10_000_000_000L;
    assertThat(load.backlogTokens(now, 0.5)).isEqualTo(500);

    first.prefillDone();
    assertThat(load.backlogTokens(now, 0.5)).isEqualTo(500);
    now += 50_000_000;
    assertThat(load.backlogTokens(now, 0.5)).isEqualTo(400);
  }

  @Test
  void promptsMayBeDoneInAnyOrder() {
    Reservation first = reserve(1_000, 1_000);
    Reservation second = reserve(500, 500);
    Reservation third = reserve(200, 200);

    second.prefillDone();
    assertThat(load.queuedPrefillTokens()).isEqualTo(1_200);
    third.release();
    first.release();
    assertThat(load.backlogTokens(now, 0.5)).isZero();
    reserve(70, 70);
    assertThat(load.backlogTokens(now, 0.5)).isEqualTo(70);
  }

  @Test
  void aReportThatShowsOnlyOurOwnRequestsAddsNothing() {
    reserve(1_000, 1_600);

    load.reported(new ReportedLoad(1, 0, 100, 1_000), BLOCK);

    assertThat(load.activeRequests()).isEqualTo(1);
    assertThat(load.queuedPrefillTokens()).isEqualTo(1_000);
    assertThat(load.decodeTokens()).isEqualTo(1_600);
  }

  @Test
  void whatOthersPutThereStaysWhileOurOwnComesAndGoes() {
    Reservation own = reserve(1_000, 1_600);
    load.reported(new ReportedLoad(2, 3, 300, 5_000), BLOCK);
    assertThat(load.activeRequests()).isEqualTo(5);

    own.release();
    assertThat(load.activeRequests()).isEqualTo(4);
    assertThat(load.queuedPrefillTokens()).isEqualTo(4_000);
    assertThat(load.decodeTokens()).isEqualTo(300 * BLOCK - 1_600);

    reserve(10, 10);
    assertThat(load.activeRequests()).isEqualTo(5);
  }

  @Test
  void aReportOlderThanOurReservationsDoesNotMakeOthersNegative() {
    reserve(1_000, 1_600);

    load.reported(new ReportedLoad(0, 0, 0, 0), BLOCK);

    assertThat(load.activeRequests()).isEqualTo(1);
    assertThat(load.queuedPrefillTokens()).isEqualTo(1_000);
  }

  @Test
  void theNextReportReplacesTheOneBefore() {
    load.reported(new ReportedLoad(5, 5, 10, 100), BLOCK);
    load.reported(new ReportedLoad(1, 0, 2, 0), BLOCK);

    assertThat(load.activeRequests()).isEqualTo(1);
    assertThat(load.queuedPrefillTokens()).isZero();
    assertThat(load.decodeTokens()).isEqualTo(2 * BLOCK);
  }
}
