package io.baton.prompt.fuzz;

import io.baton.prompt.template.ChatTemplate;
import io.baton.prompt.template.TemplateException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Whatever stands in a model's template, it renders or is refused in words. */
public final class TemplateFuzz {
  private static final Map<String, Object> VARIABLES =
      Map.of(
          "messages",
          List.of(
              Map.of("role", "system", "content", "Be brief."),
              Map.of("role", "user", "content", "Hi <b> \u00e4")),
          "tools",
          List.of(Map.of("type", "function", "function", Map.of("name", "f"))),
          "add_generation_prompt",
          true,
          "bos_token",
          "<s>",
          "n",
          3);

  private TemplateFuzz() {}

  /** Jazzer's entry. */
  public static void fuzzerTestOneInput(byte[] data) {
    String source = new String(data, StandardCharsets.UTF_8);
    try {
      ChatTemplate.compile(source).render(VARIABLES);
    } catch (TemplateException e) {
      if (e.getMessage() == null || e.getMessage().isBlank()) {
        throw new AssertionError("a refusal without words", e);
      }
    }
  }
}
