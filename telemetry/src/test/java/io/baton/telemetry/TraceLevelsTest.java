package io.baton.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The level is the same everywhere, and a decision means the same wherever it arrives. */
class TraceLevelsTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  @Test
  void whateverTheOrderOfArrivalAllProcessesEndAtTheLastChange() {
    var random = new Random(7);
    for (int round = 0; round < 200; round++) {
      var origin = new TraceLevels(2, true);
      List<TraceLevels.Setting> changes = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        // Clocks that stand still or run backwards must not matter.
        changes.add(origin.set(random.nextInt(4), random.nextInt(3)));
      }
      Collections.shuffle(changes, random);
      var follower = new TraceLevels(1, true);

      changes.forEach(follower::follow);

      assertThat(follower.current()).isEqualTo(origin.current());
    }
  }

  @Test
  void aProcessThatWasStartedWithoutTracingRefusesALevelAndSaysWhatToDo() {
    var off = new TraceLevels(2, false);

    assertThatThrownBy(() -> off.set(3, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("OTEL_EXPORTER_OTLP_ENDPOINT");
    assertThat(off.level()).isEqualTo(2);
    assertThatThrownBy(() -> new TraceLevels(2, true).set(4, 1))
        .hasMessage("level: 4 (expected: 0 to 3)");
  }

  @ParameterizedTest
  @CsvSource({
    "2,          1, 2, SAMPLED",
    "2,          0, 2, OFF",
    "2;deferred, 0, 2, DEFERRED",
    "2;deferred, 1, 2, SAMPLED",
    "0,          1, 0, OFF",
    "0;deferred, 0, 0, OFF",
    "7,          1, 1, SAMPLED",
    "'',         1, 1, SAMPLED",
    "2;nonsense, 0, 1, OFF",
  })
  void aDecisionIsReadAsItWasWritten(
      String header, int flags, int level, TraceDecision.Sampling sampling) {
    var caller = Optional.of(new TraceParent(TRACE, "b7ad6b7169203331", flags));

    assertThat(TraceDecision.parse(header, caller)).isEqualTo(new TraceDecision(level, sampling));
  }

  @Test
  void aDecisionComesBackFromItsHeader() {
    for (int level = 0; level <= 3; level++) {
      for (TraceDecision.Sampling sampling : TraceDecision.Sampling.values()) {
        var decision = new TraceDecision(level, sampling);
        int flags = decision.sampling() == TraceDecision.Sampling.SAMPLED ? 1 : 0;
        var caller = Optional.of(new TraceParent(TRACE, "b7ad6b7169203331", flags));

        TraceDecision read = TraceDecision.parse(decision.header(), caller);

        assertThat(read.sampling()).isEqualTo(decision.sampling());
        assertThat(read.level()).isEqualTo(level);
      }
    }
  }
}
