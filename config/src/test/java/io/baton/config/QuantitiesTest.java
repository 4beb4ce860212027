package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
  @ParameterizedTest
  @CsvSource({
    "500ms, PT0.5S",
    "2s, PT2S",
    "1.5h, PT1H30M",
    "3d, PT72H",
    "7us, PT0.000007S",
    "0s, PT0S"
  })
  void durations(String text, Duration expected) {
    assertThat(Quantities.parseDuration(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "64KiB, 65536",
    "1.5GB, 1500000000",
    "7, 7",
    "0, 0",
    "12B, 12",
    "-3, -3",
    "2TiB, 2199023255552"
  })
  void sizes(String text, long expected) {
    assertThat(Quantities.parseSize(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "s",
        "5",
        "5 s",
        "-1s",
        "1e3s",
        "5S",
        "1.0000000001s",
        "99999999999999d",
        "0.5ns"
      })
  void whatIsNoDuration(String text) {
    assertThatThrownBy(() -> Quantities.parseDuration(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "KB", "1kb", "1.5", "0.3KiB", "9999999999999999999", "16777216TiB"})
  void whatIsNoSize(String text) {
    assertThatThrownBy(() -> Quantities.parseSize(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPrintedDurationReadsAsTheSame() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 1_000; i++) {
      long scale = (long) Math.pow(10, random.nextInt(16));
      Duration duration = Duration.ofNanos(random.nextLong(1_000) * scale);

      assertThat(Quantities.parseDuration(Quantities.print(duration))).isEqualTo(duration);
    }
  }
}
