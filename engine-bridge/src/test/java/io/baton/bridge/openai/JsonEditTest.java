package io.baton.bridge.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A client's body is touched where it must be and nowhere else. */
class JsonEditTest {
  private static String edit(JsonEdit edit, String body) {
    return new String(edit.apply(body.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
  }

  @Test
  void otherMembersKeepTheirBytes() {
    String odd = "\"x\" : [1.50, 1e2,{\"rid\":\"inner\"} ], \"text\":\"日本 \\u00e9 \\\"}{\"";
    assertThat(edit(new JsonEdit().set("rid", "\"r\""), "{ " + odd + "}"))
        .isEqualTo(
            "{\"x\" : [1.50, 1e2,{\"rid\":\"inner\"} ],\"text\":\"日本 \\u00e9 \\\"}{\",\"rid\":\"r\"}");
  }

  @Test
  void aMemberIsReplacedRemovedAndAddedOnce() {
    var edit =
        new JsonEdit().set("stream", "false").remove("stream_options").set("max_tokens", "1");
    assertThat(
            edit(
                edit,
                "{\"stream\":true,\"stream_options\":{\"include_usage\":true},\"model\":\"m\",\"max_tokens\": 500}"))
        .isEqualTo("{\"model\":\"m\",\"stream\":false,\"max_tokens\":1}");
    assertThat(edit(edit, "{}")).isEqualTo("{\"stream\":false,\"max_tokens\":1}");
  }

  @Test
  void whatIsNoObjectGoesThroughAsItIs() {
    var edit = new JsonEdit().set("rid", "1");
    for (String odd : new String[] {"[1]", "", "{\"a\":", "nonsense", "{\"a\":1"}) {
      assertThat(edit(edit, odd)).isEqualTo(odd);
    }
  }
}
