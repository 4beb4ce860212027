package io.baton.gateway.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EjectionsTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Ejections ejections = new Ejections();

  @Test
  void aWorkerThatBreaksAStreamIsOutUntilAProbeEndsWell() {
    ejections.broke("w", 0);
    assertThat(ejections.isOut("w")).isTrue();
    assertThat(ejections.openProbes(SECOND - 1)).isEmpty();

    assertThat(ejections.openProbes(SECOND)).containsExactly("w");
    assertThat(ejections.isOut("w")).isFalse();
    assertThat(ejections.chosen("w", SECOND)).isTrue();
    assertThat(ejections.isOut("w")).as("one request at a time").isTrue();

    assertThat(ejections.worked("w")).isTrue();
    assertThat(ejections.isOut("w")).isFalse();
  }

  @Test
  void aProbeThatFailsDoublesTheTime() {
    long now = 0;
    ejections.broke("w", now);
    now += SECOND;
    assertThat(ejections.openProbes(now)).containsExactly("w");
    assertThat(ejections.chosen("w", now)).isTrue();
    ejections.broke("w", now);

    assertThat(ejections.openProbes(now + 2 * SECOND - 1)).isEmpty();
    assertThat(ejections.openProbes(now + 2 * SECOND)).containsExactly("w");
  }

  @Test
  void streamsThatBreakTogetherAreOneFault() {
    for (int i = 0; i < 50; i++) {
      ejections.broke("w", i);
    }

    assertThat(ejections.count()).isEqualTo(1);
    assertThat(ejections.openProbes(SECOND)).containsExactly("w");
  }

  @Test
  void aProbeThatNobodyHearsOfIsFollowedByAnother() {
    ejections.broke("w", 0);
    assertThat(ejections.openProbes(SECOND)).containsExactly("w");
    assertThat(ejections.chosen("w", SECOND)).isTrue();

    assertThat(ejections.openProbes(3 * SECOND)).containsExactly("w");
  }
}
