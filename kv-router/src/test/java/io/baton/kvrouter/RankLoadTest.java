package io.baton.kvrouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RankLoadTest {
  private static final int BLOCK = 16;

  private final RankLoad load = new RankLoad();
  private final AtomicLong active = new AtomicLong();

  @Test
  void aReportThatShowsOnlyOurOwnRequestsAddsNothing() {
    new Reservation(load, active, 1_000, 1_600, 0);

    load.reported(new ReportedLoad(1, 0, 100, 1_000), BLOCK);

    assertThat(load.activeRequests()).isEqualTo(1);
    assertThat(load.queuedPrefillTokens()).isEqualTo(1_000);
    assertThat(load.decodeTokens()).isEqualTo(1_600);
  }

  @Test
  void whatOthersPutThereStaysWhileOurOwnComesAndGoes() {
    Reservation own = new Reservation(load, active, 1_000, 1_600, 0);
    load.reported(new ReportedLoad(2, 3, 300, 5_000), BLOCK);
    assertThat(load.activeRequests()).isEqualTo(5);

    own.release();
    assertThat(load.activeRequests()).isEqualTo(4);
    assertThat(load.queuedPrefillTokens()).isEqualTo(4_000);
    assertThat(load.decodeTokens()).isEqualTo(300 * BLOCK - 1_600);

    new Reservation(load, active, 10, 10, 0);
    assertThat(load.activeRequests()).isEqualTo(5);
  }

  @Test
  void aReportOlderThanOurReservationsDoesNotMakeOthersNegative() {
    new Reservation(load, active, 1_000, 1_600, 0);

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
