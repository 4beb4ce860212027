package io.baton.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DetokenizerTest {
  private static PromptFormat format;
  private static TokenEncoder encoder;

  @BeforeAll
  static void load() throws IOException {
    format = Goldens.format();
    encoder = TokenEncoder.of(TokenizerFile.read(Goldens.MODEL), 0);
  }

  private static Detokenizer windowed() {
    return new WindowedDetokenizer(ids -> encoder.decode(ids, true));
  }

  static IntStream seeds() {
    return IntStream.range(0, 60);
  }

  @TestFactory
  List<DynamicTest> answersReadAsByHuggingFace() {
    var tests = new ArrayList<DynamicTest>();
    for (JsonNode golden : Goldens.requests()) {
      int[] ids = Goldens.ints(golden.get("greedy_ids"));
      String text = golden.get("greedy_text").textValue();
      String name = golden.get("name").textValue();
      tests.add(
          DynamicTest.dynamicTest(
              name + ", by bytes",
              () -> assertThat(oneByOne(format.detokenizer(), ids)).isEqualTo(text)));
      tests.add(
          DynamicTest.dynamicTest(
              name + ", by windows", () -> assertThat(oneByOne(windowed(), ids)).isEqualTo(text)));
    }
    return tests;
  }

  private static String oneByOne(Detokenizer detokenizer, int[] ids) {
    var text = new StringBuilder();
    for (int id : ids) {
      text.append(detokenizer.append(new int[] {id}));
    }
    return text.append(detokenizer.flush()).toString();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void howeverTokensComeTheTextIsWholeCharactersOfTheSameText(int seed) {
    splitAndCompare(seed, format::detokenizer);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void windowsKeepTheSamePromise(int seed) {
    splitAndCompare(seed, DetokenizerTest::windowed);
  }

  private static void splitAndCompare(int seed, Supplier<Detokenizer> detokenizers) {
    var random = new SplittableRandom(seed);
    String text = RandomText.of(random, 60);
    int[] ids = format.encodeRaw(text);

    List<String> pieces = pieces(detokenizers.get(), ids, random);

    assertThat(String.join("", pieces)).isEqualTo(text);
    for (String piece : pieces) {
      assertThat(piece).doesNotContain("\uFFFD");
      assertThat(halves(piece)).isZero();
    }
  }

  /** What every step gives, the last one at the end; steps of 0 to 5 tokens. */
  private static List<String> pieces(Detokenizer detokenizer, int[] ids, SplittableRandom random) {
    var pieces = new ArrayList<String>();
    for (int from = 0; from < ids.length; ) {
      int to = Math.min(ids.length, from + random.nextInt(6));
      pieces.add(detokenizer.append(Arrays.copyOfRange(ids, from, to)));
      from = to;
    }
    pieces.add(detokenizer.flush());
    return pieces;
  }

  private static long halves(String text) {
    return text.codePoints().filter(c -> c >= 0xD800 && c <= 0xDFFF).count();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void evenOfNonsenseTheTextDoesNotDependOnHowItComes(int seed) {
    var random = new SplittableRandom(seed);
    // Mostly the 256 tokens of single bytes, so that most characters are broken.
    int[] ids = random.ints(200, 3, 300).toArray();
    Detokenizer whole = format.detokenizer();
    String atOnce = whole.append(ids) + whole.flush();

    assertThat(String.join("", pieces(format.detokenizer(), ids, random))).isEqualTo(atOnce);
    // Java shows one U+FFFD for an encoded surrogate, Hugging Face one for each byte of it.
    assertThat(encoder.decode(ids, true).replaceAll("\uFFFD+", "\uFFFD"))
        .isEqualTo(atOnce.replaceAll("\uFFFD+", "\uFFFD"));
  }

  @Test
  void aCharacterThatNeverBecomesWholeShowsAtTheEnd() {
    int[] smile = format.encodeRaw("😀");
    assertThat(smile).hasSizeGreaterThan(1);
    int[] begun = Arrays.copyOf(smile, smile.length - 1);

    for (Detokenizer detokenizer : List.of(format.detokenizer(), windowed())) {
      assertThat(detokenizer.append(begun)).isEmpty();
      assertThat(detokenizer.flush()).isEqualTo("\uFFFD");
    }
  }

  @Test
  void tokensBeyondTheVocabularyStandForNothing() {
    Detokenizer detokenizer = format.detokenizer();

    assertThat(detokenizer.append(new int[] {67, format.vocabularySize(), 1_000_000, 67}))
        .isEqualTo("aa");
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void blanksThatBelongToTokensSurviveWindows(int seed) {
    var random = new SplittableRandom(seed);
    String[] vocabulary = {"\u2581a", "\u2581the", "b", "\u2581", "ing", "\u2581é", "."};
    int[] ids = random.ints(80, 0, vocabulary.length).toArray();

    List<String> pieces =
        pieces(new WindowedDetokenizer(these -> sentencePiece(vocabulary, these)), ids, random);

    assertThat(String.join("", pieces)).isEqualTo(sentencePiece(vocabulary, ids));
  }

  /** As SentencePiece decodes: the very first blank is not part of the text. */
  private static String sentencePiece(String[] vocabulary, int[] ids) {
    var text = new StringBuilder();
    for (int id : ids) {
      text.append(vocabulary[id].replace('\u2581', ' '));
    }
    return !text.isEmpty() && text.charAt(0) == ' ' ? text.substring(1) : text.toString();
  }
}
