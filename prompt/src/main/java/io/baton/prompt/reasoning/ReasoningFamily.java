package io.baton.prompt.reasoning;

import io.baton.prompt.AnswerParser;
import io.baton.prompt.AnswerSink;
import java.util.Set;

/** How a family of models marks its reasoning. */
public enum ReasoningFamily {
  /** It does not, or its tool parser sees to it. */
  NONE("", ""),
  THINK("<think>", "</think>"),
  SEED("<seed:think>", "</seed:think>"),
  MAGISTRAL("[THINK]", "[/THINK]"),
  KIMI_VL("\u25C1think\u25B7", "\u25C1/think\u25B7");

  private final String open;
  private final String close;

  ReasoningFamily(String open, String close) {
    this.open = open;
    this.close = close;
  }

  /** The family whose markers a chat template writes. */
  public static ReasoningFamily of(String template) {
    for (ReasoningFamily family : values()) {
      boolean marks = template.contains(family.open) || template.contains(family.close);
      if (family != NONE && marks) {
        return family;
      }
    }
    return NONE;
  }

  /** Special tokens that must reach the parser as text. */
  public Set<String> markers() {
    return this == NONE ? Set.of() : Set.of(open, close);
  }

  /** Whether an answer to this prompt begins with reasoning, since the template has opened it. */
  public boolean opened(String prompt) {
    return this != NONE && prompt.stripTrailing().endsWith(open);
  }

  /**
   * A parser for one answer.
   *
   * @param opened whether the prompt has opened the reasoning
   * @param sink hears the reasoning
   * @param rest reads everything else
   */
  public AnswerParser parser(boolean opened, AnswerSink sink, AnswerParser rest) {
    return this == NONE ? rest : new ThinkParser(open, close, opened, sink, rest);
  }
}
