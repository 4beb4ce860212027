package io.baton.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.prompt.template.RenderedPrompt;
import io.baton.prompt.template.RenderedPrompt.Segment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SafeCutsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String GPT2 =
      """
      {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}\
      """;
  private static final String QWEN =
      """
      (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+\
      """;
  private static final String LLAMA3 = QWEN.replace("\\p{N}|", "\\p{N}{1,3}|");
  private static final String O200K =
      """
      [^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+\
      """;
  private static final String DEEPSEEK =
      """
      [!"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+\
      """;

  @TempDir Path folder;

  static List<String> splitters() {
    return List.of(GPT2, QWEN, LLAMA3, O200K, DEEPSEEK);
  }

  @ParameterizedTest
  @MethodSource("splitters")
  void theTokensOfThePiecesAreTheTokensOfTheWhole(String splitter) throws IOException {
    TokenizerFile file = tokenizerSplittingBy(splitter);
    TokenEncoder encoder = TokenEncoder.of(file, 1 << 20);
    SafeCuts cuts = SafeCuts.of(file);
    var random = new SplittableRandom(7);
    int pieces = 0;
    for (int round = 0; round < 20; round++) {
      String text = longText(random);
      assertThat(encoder.encode(fromUser(text))).isEqualTo(encoder.encodeRaw(text));
      for (int at = 0; at < text.length(); at = cuts.after(text, at)) {
        pieces++;
      }
    }
    assertThat(pieces).as("texts were cut").isGreaterThan(60);
  }

  @Test
  void whatTwoTextsShareIsEncodedOnce() throws IOException {
    TokenEncoder encoder = TokenEncoder.of(TokenizerFile.read(Goldens.MODEL), 1 << 20);
    String shared = "a word and ".repeat(2_000);
    encoder.encode(fromUser(shared + "one end"));
    long before = encoder.cache().misses();
    encoder.encode(fromUser(shared + "another end"));
    assertThat(encoder.cache().misses() - before).isEqualTo(1);
  }

  @Test
  void anUnknownWayToSplitIsNeverCut() throws IOException {
    TokenizerFile file = tokenizerSplittingBy("{\"type\": \"Metaspace\", \"replacement\": \"_\"}");
    String text = "a word and ".repeat(2_000);
    assertThat(SafeCuts.of(file).after(text, 0)).isEqualTo(text.length());
  }

  @Test
  void aTokenizerThatAddsABlankInFrontIsNeverCut() throws IOException {
    TokenizerFile file =
        tokenizerSplittingBy(
            GPT2.replace("\"add_prefix_space\": false", "\"add_prefix_space\": true"));
    String text = "a word and ".repeat(2_000);
    assertThat(SafeCuts.of(file).after(text, 0)).isEqualTo(text.length());
  }

  private static String longText(SplittableRandom random) {
    var text = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      text.append(RandomText.of(random, 5).replace("<|", ""));
      text.append(" and\nso on, it's 3 ".substring(random.nextInt(8)));
    }
    return text.toString();
  }

  private static RenderedPrompt fromUser(String text) {
    return new RenderedPrompt(List.of(new Segment(text, false)));
  }

  /** The demo model's vocabulary with another way to split, given as JSON or as an expression. */
  private TokenizerFile tokenizerSplittingBy(String splitter) throws IOException {
    var root = (ObjectNode) JSON.readTree(Goldens.MODEL.resolve("tokenizer.json").toFile());
    if (splitter.startsWith("{")) {
      root.set("pre_tokenizer", JSON.readTree(splitter));
    } else {
      ((ObjectNode) root.at("/pre_tokenizer/pretokenizers/0/pattern")).put("Regex", splitter);
    }
    Files.write(folder.resolve("tokenizer.json"), JSON.writeValueAsBytes(root));
    return TokenizerFile.read(folder);
  }
}
