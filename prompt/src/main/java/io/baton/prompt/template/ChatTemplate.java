package io.baton.prompt.template;

import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model's chat template, read once and rendered for each request. Thread-safe. */
public final class ChatTemplate {
  private final List<Statement> statements;
  private final Clock clock;

  private ChatTemplate(List<Statement> statements, Clock clock) {
    this.statements = statements;
    this.clock = clock;
  }

  /**
   * Reads a template.
   *
   * @throws TemplateException naming the line, if it is not one
   */
  public static ChatTemplate compile(String source) throws TemplateException {
    return compile(source, Clock.system(ZoneId.systemDefault()));
  }

  /** Reads a template whose {@code strftime_now} looks at this clock. */
  public static ChatTemplate compile(String source, Clock clock) throws TemplateException {
    return new ChatTemplate(TemplateParser.parse(source), clock);
  }

  /**
   * Renders.
   *
   * @param variables plain Java values: maps, lists, strings, numbers, booleans, null; all text in
   *     them is data
   * @throws TemplateException if the template refuses them, or does what it may not
   */
  public RenderedPrompt render(Map<String, ? extends @Nullable Object> variables)
      throws TemplateException {
    Map<String, @Nullable Object> names = Globals.of(clock);
    variables.forEach((name, value) -> names.put(name, Values.fromJava(value)));
    return new Renderer(Scope.root(names)).render(statements);
  }
}
