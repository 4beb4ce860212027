package io.baton.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JsonTextTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static IntStream seeds() {
    return IntStream.range(0, 500);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void isReadBackAsItWas(int seed) throws Exception {
    String text = text(new SplittableRandom(seed));

    String quoted = JsonText.quote(text);

    assertThat(JSON.readValue(quoted, String.class)).isEqualTo(text);
    assertThat(
            JSON.readValue(quoted.getBytes(java.nio.charset.StandardCharsets.UTF_8), String.class))
        .isEqualTo(text);
  }

  /** Dense in what needs escaping; code points of every length. */
  private static String text(SplittableRandom random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(80); i > 0; i--) {
      int point = random.nextInt(1 << random.nextInt(4, 21));
      text.appendCodePoint(point >= 0xD800 && point <= 0xDFFF ? '"' : point);
      if (random.nextInt(5) == 0) {
        text.append("\"\\\n\r\t\b\f\u0000\u001f\u007f\u2028/".charAt(random.nextInt(11)));
      }
    }
    return text.toString();
  }

  @Test
  void everyControlCharacterIsEscaped() throws Exception {
    for (char c = 0; c < 0x20; c++) {
      String quoted = JsonText.quote("a" + c + "b");

      assertThat(quoted.chars()).allMatch(written -> written >= 0x20);
      assertThat(JSON.readValue(quoted, String.class)).isEqualTo("a" + c + "b");
    }
  }

  @Test
  void plainTextIsWrittenAsItIs() {
    Buffer out = Buffer.buffer();
    JsonText.escape("plain é 😀", out);

    assertThat(out.toString()).isEqualTo("plain é 😀");
  }

  @Test
  void halfACharacterDoesNotSpoilTheDocument() throws Exception {
    assertThat(JSON.readValue(JsonText.quote("a\uD83Db"), String.class))
        .startsWith("a")
        .endsWith("b");
  }
}
