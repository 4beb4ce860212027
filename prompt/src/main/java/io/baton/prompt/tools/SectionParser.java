package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;
import io.baton.prompt.tools.JsonWatch.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Families whose calls stand in one section, each between markers of its own, with a head and
 * arguments in JSON: DeepSeek and Kimi.
 */
final class SectionParser extends MarkedParser {
  private static final int MAX_HEAD = 512;
  private static final int MAX_TAIL = 64;

  /** How a family writes them. */
  record Marks(
      String sectionBegin,
      String callBegin,
      String beforeArguments,
      String callEnd,
      String sectionEnd,
      Function<String, Optional<Head>> head) {}

  /** Who is called. */
  record Head(String id, String name) {}

  private enum Phase {
    BETWEEN,
    HEAD,
    ARGUMENTS,
    TAIL
  }

  private final Marks marks;
  private final StringBuilder buffer = new StringBuilder();
  private Phase phase = Phase.BETWEEN;
  private JsonWatch watch = new JsonWatch();
  private Head head = new Head("", "");
  private boolean begun;

  SectionParser(AnswerSink sink, Marks marks) {
    super(sink, List.of(marks.sectionBegin()));
    this.marks = marks;
  }

  /** {@code function<sep>name}, then the arguments fenced as code. */
  static final Marks DEEPSEEK_V3 =
      new Marks(
          "<\uFF5Ctool\u2581calls\u2581begin\uFF5C>",
          "<\uFF5Ctool\u2581call\u2581begin\uFF5C>",
          "```json\n",
          "<\uFF5Ctool\u2581call\u2581end\uFF5C>",
          "<\uFF5Ctool\u2581calls\u2581end\uFF5C>",
          head -> {
            String separator = "<\uFF5Ctool\u2581sep\uFF5C>";
            int at = head.indexOf(separator);
            return at < 0
                ? Optional.empty()
                : named("", head.substring(at + separator.length()).strip());
          });

  /** {@code name<sep>arguments}. */
  static final Marks DEEPSEEK_V3_1 =
      new Marks(
          DEEPSEEK_V3.sectionBegin(),
          DEEPSEEK_V3.callBegin(),
          "<\uFF5Ctool\u2581sep\uFF5C>",
          DEEPSEEK_V3.callEnd(),
          DEEPSEEK_V3.sectionEnd(),
          head -> named("", head.strip()));

  /** The head is the call's id, {@code functions.name:index}. */
  static final Marks KIMI_K2 =
      new Marks(
          "<|tool_calls_section_begin|>",
          "<|tool_call_begin|>",
          "<|tool_call_argument_begin|>",
          "<|tool_call_end|>",
          "<|tool_calls_section_end|>",
          head -> {
            String id = head.strip();
            int from = id.startsWith("functions.") ? "functions.".length() : 0;
            int to = id.lastIndexOf(':') > from ? id.lastIndexOf(':') : id.length();
            return named(id, id.substring(from, to));
          });

  private static Optional<Head> named(String id, String name) {
    return name.matches("[\\w.:/-]{1,256}") ? Optional.of(new Head(id, name)) : Optional.empty();
  }

  @Override
  void begin(String marker) {
    next(Phase.BETWEEN);
  }

  private void next(Phase to) {
    phase = to;
    buffer.setLength(0);
  }

  @Override
  void step(char c) {
    switch (phase) {
      case BETWEEN -> between(c);
      case HEAD -> head(c);
      case ARGUMENTS -> argument(c);
      case TAIL -> tail(c);
    }
  }

  private void between(char c) {
    if (buffer.isEmpty() && JsonWatch.isBlank(c)) {
      return;
    }
    buffer.append(c);
    String seen = buffer.toString();
    if (seen.equals(marks.callBegin())) {
      next(Phase.HEAD);
    } else if (seen.equals(marks.sectionEnd())) {
      leave();
    } else if (!marks.callBegin().startsWith(seen) && !marks.sectionEnd().startsWith(seen)) {
      degrade();
    }
  }

  private void head(char c) {
    buffer.append(c);
    int end = buffer.length() - marks.beforeArguments().length();
    if (end >= 0 && buffer.indexOf(marks.beforeArguments(), end) == end) {
      Optional<Head> found = marks.head().apply(buffer.substring(0, end));
      if (found.isEmpty()) {
        degrade();
        return;
      }
      head = found.get();
      begun = false;
      watch = new JsonWatch();
      next(Phase.ARGUMENTS);
    } else if (buffer.length() > MAX_HEAD) {
      degrade();
    }
  }

  private void argument(char c) {
    if (!begun && JsonWatch.isBlank(c)) {
      return;
    }
    if (!begun && c != '{') {
      degrade();
      return;
    }
    Verdict verdict = watch.accept(c);
    if (verdict == Verdict.BROKEN) {
      sink.callEnd();
      degrade();
      return;
    }
    if (!begun) {
      begun = true;
      sink.callBegin(head.id(), head.name());
    }
    sink.callArguments(String.valueOf(c));
    committed();
    if (verdict == Verdict.END) {
      sink.callEnd();
      next(Phase.TAIL);
    }
  }

  private void tail(char c) {
    buffer.append(c);
    int end = buffer.length() - marks.callEnd().length();
    if (end >= 0 && buffer.indexOf(marks.callEnd(), end) == end) {
      committed();
      next(Phase.BETWEEN);
    } else if (buffer.length() > MAX_TAIL) {
      degrade();
    }
  }

  @Override
  void endInside() {
    boolean open = phase == Phase.ARGUMENTS && begun;
    if (open) {
      sink.callEnd();
    }
    if (open || phase == Phase.TAIL || (phase == Phase.BETWEEN && buffer.isEmpty() && begun)) {
      leave();
    }
  }
}
