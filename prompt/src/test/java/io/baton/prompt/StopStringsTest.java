package io.baton.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StopStringsTest {
  static IntStream seeds() {
    return IntStream.range(0, 300);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void textEndsBeforeTheFirstStopHoweverItComes(int seed) {
    var random = new SplittableRandom(seed);
    List<String> stops =
        IntStream.range(0, random.nextInt(1, 5)).mapToObj(i -> word(random, 4)).toList();
    String text = word(random, 60);
    var search = new StopStrings(stops);

    var shown = new StringBuilder();
    for (int from = 0; from < text.length(); ) {
      int to = Math.min(text.length(), from + random.nextInt(1, 8));
      shown.append(search.append(text.substring(from, to)));
      if (!search.stopped()) {
        assertThat(to - shown.length())
            .as("held back of %s for %s", text.substring(0, to), stops)
            .isEqualTo(possibleBeginning(text.substring(0, to), stops));
      }
      from = to;
    }
    boolean stopped = search.stopped();
    shown.append(search.flush());

    int end = firstStop(text, stops);
    assertThat(stopped).isEqualTo(end >= 0);
    assertThat(shown.toString())
        .as("%s until %s", text, stops)
        .isEqualTo(end < 0 ? text : text.substring(0, end));
  }

  /** Of two letters, so that stops overlap, repeat and contain each other. */
  private static String word(SplittableRandom random, int longest) {
    var word = new StringBuilder();
    for (int left = random.nextInt(1, longest + 1); left > 0; left--) {
      word.append(random.nextBoolean() ? 'a' : 'b');
    }
    return word.toString();
  }

  /** Where the stop begins that is complete first when the text is read letter by letter. */
  private static int firstStop(String text, List<String> stops) {
    for (int end = 1; end <= text.length(); end++) {
      String read = text.substring(0, end);
      var begin =
          stops.stream().filter(read::endsWith).mapToInt(s -> read.length() - s.length()).min();
      if (begin.isPresent()) {
        return begin.getAsInt();
      }
    }
    return -1;
  }

  private static int possibleBeginning(String text, List<String> stops) {
    for (int length = text.length(); length > 0; length--) {
      String end = text.substring(text.length() - length);
      if (stops.stream().anyMatch(stop -> stop.startsWith(end))) {
        return length;
      }
    }
    return 0;
  }

  @TestFactory
  List<DynamicTest> answersStopWhereTheReferenceDoes() throws Exception {
    PromptFormat format = Goldens.format();
    var tests = new ArrayList<DynamicTest>();
    for (JsonNode golden : Goldens.requests()) {
      if (golden.has("stop")) {
        tests.add(
            DynamicTest.dynamicTest(
                golden.get("name").textValue(),
                () ->
                    assertThat(answer(format, golden))
                        .isEqualTo(golden.get("text_until_stop").textValue())));
      }
    }
    assertThat(tests).isNotEmpty();
    return tests;
  }

  private static String answer(PromptFormat format, JsonNode golden) {
    var stops = new ArrayList<String>();
    golden.get("stop").forEach(stop -> stops.add(stop.textValue()));
    var search = new StopStrings(stops);
    Detokenizer detokenizer = format.detokenizer();
    var shown = new StringBuilder();
    for (int id : Goldens.ints(golden.get("greedy_ids"))) {
      shown.append(search.append(detokenizer.append(new int[] {id})));
    }
    assertThat(search.stopped()).isTrue();
    return shown.append(search.flush()).toString();
  }

  @Test
  void nothingComesAfterAStop() {
    var search = new StopStrings(List.of("END"));

    assertThat(search.append("one EN")).isEqualTo("one ");
    assertThat(search.append("D two")).isEmpty();
    assertThat(search.append(" three")).isEmpty();
    assertThat(search.flush()).isEmpty();
  }

  @Test
  void whatOnlyLookedLikeAStopComesInTheEnd() {
    var search = new StopStrings(List.of("END"));

    assertThat(search.append("the EN")).isEqualTo("the ");
    assertThat(search.flush()).isEqualTo("EN");
    assertThat(search.stopped()).isFalse();
  }

  @Test
  void withoutStopsNothingIsHeldBack() {
    var search = new StopStrings(List.of());

    assertThat(search.isEmpty()).isTrue();
    assertThat(search.append("anything")).isEqualTo("anything");
    assertThat(search.flush()).isEmpty();
  }

  @Test
  void anEmptyStopIsRefused() {
    assertThatThrownBy(() -> new StopStrings(List.of("a", "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: non-empty");
  }
}
