package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;
import io.baton.prompt.tools.JsonWatch.Verdict;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Mistral: {@code [TOOL_CALLS]} and a list of call objects, or, of newer models, {@code
 * [TOOL_CALLS]name{..}} with {@code [CALL_ID]} and {@code [ARGS]} between, once per call.
 */
final class MistralParser extends CallListParser {
  static final String MARKER = "[TOOL_CALLS]";
  private static final int MAX_HEAD = 512;
  private static final Pattern HEAD =
      Pattern.compile("([\\w.:/-]{1,256})(?:\\[CALL_ID\\](\\w{1,64}))?(?:\\[ARGS\\])?\\s*");

  private enum Phase {
    START,
    HEAD,
    ARGUMENTS,
    LIST
  }

  private final StringBuilder buffer = new StringBuilder();
  private Phase phase = Phase.START;
  private JsonWatch watch = new JsonWatch();

  MistralParser(AnswerSink sink) {
    super(sink, List.of(MARKER));
  }

  @Override
  void begin(String marker) {
    phase = Phase.START;
    buffer.setLength(0);
  }

  @Override
  void step(char c) {
    switch (phase) {
      case START -> start(c);
      case HEAD -> head(c);
      case ARGUMENTS -> argument(c);
      case LIST -> listLetter(c);
    }
  }

  private void start(char c) {
    if (JsonWatch.isBlank(c)) {
      return;
    }
    if (c == '[') {
      phase = Phase.LIST;
      beginList();
    } else {
      phase = Phase.HEAD;
      head(c);
    }
  }

  private void head(char c) {
    if (c != '{') {
      buffer.append(c);
      if (buffer.length() > MAX_HEAD) {
        degrade();
      }
      return;
    }
    Matcher head = HEAD.matcher(buffer);
    if (!head.matches()) {
      degrade();
      return;
    }
    sink.callBegin(head.group(2) == null ? "" : head.group(2), head.group(1));
    watch = new JsonWatch();
    phase = Phase.ARGUMENTS;
    argument(c);
  }

  private void argument(char c) {
    Verdict verdict = watch.accept(c);
    if (verdict == Verdict.BROKEN) {
      sink.callEnd();
      degrade();
      return;
    }
    sink.callArguments(String.valueOf(c));
    committed();
    if (verdict == Verdict.END) {
      sink.callEnd();
      leave();
    }
  }

  @Override
  void endInside() {
    if (phase == Phase.LIST) {
      endInsideList();
    } else if (phase == Phase.ARGUMENTS) {
      sink.callEnd();
      leave();
    }
  }
}
