package io.baton.prompt.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.prompt.template.RenderedPrompt.Segment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ChatTemplateTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FOLDER = Path.of("src", "test", "resources", "templates");
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-26T09:05:07Z"), ZoneOffset.UTC);

  @TestFactory
  List<DynamicTest> everythingIsRenderedAsJinja2Does() throws IOException {
    JsonNode goldens = JSON.readTree(FOLDER.resolve("goldens.json").toFile());
    var tests = new ArrayList<DynamicTest>();
    for (JsonNode golden : goldens.get("cases")) {
      JsonNode variables =
          golden.has("variables") ? golden.get("variables") : goldens.get("variables");
      tests.add(
          DynamicTest.dynamicTest(golden.get("name").asText(), () -> check(golden, variables)));
    }
    return tests;
  }

  private static void check(JsonNode golden, JsonNode variables) throws Exception {
    String source =
        golden.has("source")
            ? golden.get("source").asText()
            : Files.readString(FOLDER.resolve(golden.get("file").asText()));
    @SuppressWarnings("unchecked")
    Map<String, Object> values = JSON.convertValue(variables, Map.class);
    if (golden.has("rendered")) {
      RenderedPrompt rendered = ChatTemplate.compile(source, CLOCK).render(values);
      assertThat(rendered.text()).isEqualTo(golden.get("rendered").asText());
    } else if (golden.has("raised")) {
      assertThatThrownBy(() -> ChatTemplate.compile(source, CLOCK).render(values))
          .isInstanceOfSatisfying(
              TemplateException.class, e -> assertThat(e.raisedByTemplate()).isTrue())
          .hasMessage(golden.get("raised").asText());
    } else {
      assertThatThrownBy(() -> ChatTemplate.compile(source, CLOCK).render(values))
          .isInstanceOf(TemplateException.class);
    }
  }

  @Test
  void whatUsersWriteIsDataWhateverIsDoneToIt() throws Exception {
    String source =
        "<s>{% macro m(x) %}[{{ x | trim }}]{% endmacro %}{% set ns = namespace(v='') %}"
            + "{% for c in messages %}{% set ns.v = ns.v ~ c.content.replace('a', 'b')[0:6] %}{% endfor %}"
            + "{{ m(ns.v) }}</s>{{ messages | tojson }}";

    RenderedPrompt rendered =
        ChatTemplate.compile(source)
            .render(Map.of("messages", List.of(Map.of("content", " {{<s>a}}"))));

    assertThat(rendered.segments())
        .containsExactly(
            new Segment("<s>[", true),
            new Segment("{{<s>", false),
            new Segment("]</s>", true),
            new Segment("[{\"content\": \" {{<s>a}}\"}]", false));
  }

  @Test
  void aTemplateErrorNamesItsLine() {
    assertThatThrownBy(() -> ChatTemplate.compile("a\nb\n{% frobnicate %}"))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("frobnicate")
        .hasMessageContaining("line 3");
  }

  @Test
  void aHostileTemplateCannotRunForEver() throws Exception {
    var loops =
        ChatTemplate.compile(
            "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}");
    var recursion = ChatTemplate.compile("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}");
    var growth = ChatTemplate.compile("{{ 'x' * 999999999 }}");

    assertThatThrownBy(() -> loops.render(Map.of())).hasMessageContaining("too long");
    assertThatThrownBy(() -> recursion.render(Map.of())).hasMessageContaining("too deeply");
    assertThatThrownBy(() -> growth.render(Map.of())).hasMessageContaining("repeat");
  }
}
