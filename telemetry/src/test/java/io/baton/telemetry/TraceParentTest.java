package io.baton.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** W3C Trace Context, level 2, section 3.2. */
class TraceParentTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";
  private static final String IDS = TRACE + "-" + SPAN;

  @ParameterizedTest
  @CsvSource({"00, 0", "01, 1", "02, 2", "03, 3", "ff, 3", "fc, 0", "f1, 1"})
  void flagsThatTheLevelKnowsAreKept(String flags, int kept) {
    var parsed = TraceParent.parse("00-" + IDS + "-" + flags).orElseThrow();

    assertThat(parsed).isEqualTo(new TraceParent(TRACE, SPAN, kept));
    assertThat(parsed.sampled()).isEqualTo(kept % 2 == 1);
    assertThat(parsed.toString()).isEqualTo("00-" + IDS + "-0" + kept);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"01-" + IDS + "-01", "cc-" + IDS + "-01-what-comes-later", "fe-" + IDS + "-01-"})
  void aLaterVersionIsReadAsFarAsItIsKnown(String header) {
    assertThat(TraceParent.parse(header)).contains(new TraceParent(TRACE, SPAN, 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-" + IDS,
        "00-" + IDS + "-",
        "00-" + IDS + "-1",
        // Version 00 has exactly four fields.
        "00-" + IDS + "-01-extra",
        "00-" + IDS + "-011",
        // A later version may only add fields.
        "cc-" + IDS + "-01.extra",
        "cc-" + IDS + "-011",
        // Never a version.
        "ff-" + IDS + "-01",
        "0-" + IDS + "-01",
        "0g-" + IDS + "-01",
        "0A-" + IDS + "-01",
        "00-00000000000000000000000000000000-" + SPAN + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" + SPAN + "-01",
        "00-" + TRACE + "-B7AD6B7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319g-" + SPAN + "-01",
        "00-" + TRACE + "-b7ad6b716920333x-01",
        "00-" + IDS + "-0A",
        "00-" + IDS + "-zz",
        "00_" + TRACE + "-" + SPAN + "-01",
        "00-" + TRACE + "_" + SPAN + "-01",
        "00-" + IDS + "_01",
        " 00-" + IDS + "-01",
        "00-" + IDS + "-01 ",
        "00-0af7651916cd43dd8448eb211c80319-" + SPAN + "-010"
      })
  void whatBreaksTheRulesCountsAsAbsent(String header) {
    assertThat(TraceParent.parse(header)).isEmpty();
  }

  @Test
  void anAbsentHeaderIsAbsent() {
    assertThat(TraceParent.parse(null)).isEmpty();
  }

  static IntStream seeds() {
    return IntStream.range(0, 100);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatIsWrittenIsReadBack(int seed) {
    int flags = seed % 4;
    var written = new TraceParent(Ids.traceId(), Ids.spanId(), flags);

    assertThat(TraceParent.parse(written.toString())).contains(written);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void noHeaderCanThrow(int seed) {
    var random = new SplittableRandom(seed);
    var header = new StringBuilder("00-" + IDS + "-01");
    for (int changes = 0; changes < 3; changes++) {
      header.setCharAt(random.nextInt(header.length()), (char) random.nextInt(1, 0x300));
    }

    TraceParent.parse(header.toString())
        .ifPresent(parsed -> assertThat(TraceParent.parse(parsed.toString())).contains(parsed));
  }
}
