package io.baton.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityRewriterTest {
  private static final String NEW_ID = "chatcmpl-\"1\"é";
  private static final String NEW_MODEL = "m\\odel";
  private final IdentityRewriter rewriter = new IdentityRewriter(NEW_ID, NEW_MODEL);

  private String rewrite(String json) {
    Buffer out = Buffer.buffer("before ");
    rewriter.rewrite(json.getBytes(StandardCharsets.UTF_8), out);
    assertThat(out.toString()).startsWith("before ");
    return out.toString().substring("before ".length());
  }

  @Test
  void replacesTheTopLevelIdentityOnly() {
    String chunk =
        "{ \"id\" : \"cmpl-é😀\\\"x\", \"choices\":[{\"id\":\"call_1\",\"model\":\"inner\"}],\"model\":\"gpt\",\"usage\":null }";

    assertThat(rewrite(chunk))
        .isEqualTo(
            "{ \"id\" : \"chatcmpl-\\\"1\\\"é\", \"choices\":[{\"id\":\"call_1\",\"model\":\"inner\"}],\"model\":\"m\\\\odel\",\"usage\":null }");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"id\":5,\"model\":null}",
        "{\"id\":{\"id\":\"x\"}}",
        "[{\"id\":\"x\"}]",
        "\"id\"",
        "null",
        "not json {\"id\":\"x\"}",
        "",
        "{\"choices\":[]}"
      })
  void whatHasNoIdentityGoesThroughUnchanged(String json) {
    assertThat(rewrite(json)).isEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":\"x\",",
        "{\"id\":\"x\" oops}",
        "{\"id\":\"x",
        "{\"id\":\"x\",\"a\":[1,}"
      })
  void whatIsBrokenGoesThroughUnchanged(String json) {
    assertThat(rewrite(json)).isEqualTo(json);
  }

  static IntStream seeds() {
    return IntStream.range(0, 500);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyOtherByteStaysAsItIs(int seed) {
    var json = new RandomJson(new SplittableRandom(seed));
    var original = new StringBuilder("{");
    var expected = new StringBuilder("{");
    int members = 1 + seed % 7;
    for (int i = 0; i < members; i++) {
      if (i > 0) {
        original.append(',');
        expected.append(',');
      }
      if (json.coin()) {
        boolean id = json.coin();
        String before =
            json.blanks() + (id ? "\"id\"" : "\"model\"") + json.blanks() + ":" + json.blanks();
        String after = json.blanks();
        original.append(before).append(json.string()).append(after);
        expected.append(before).append(JsonText.quote(id ? NEW_ID : NEW_MODEL)).append(after);
      } else {
        String other = json.member("other" + i, json.value(3));
        original.append(other);
        expected.append(other);
      }
    }
    original.append('}');
    expected.append('}');

    assertThat(rewrite(original.toString())).isEqualTo(expected.toString());
  }

  @Test
  void longValuesAreReplacedAsWell() {
    String longId = "x".repeat(100_000);

    assertThat(rewrite("{\"a\":\"" + longId + "\",\"id\":\"" + longId + "é\",\"b\":1}"))
        .isEqualTo("{\"a\":\"" + longId + "\",\"id\":" + JsonText.quote(NEW_ID) + ",\"b\":1}");
  }
}
