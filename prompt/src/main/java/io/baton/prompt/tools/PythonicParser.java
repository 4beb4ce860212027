package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;
import java.util.List;
import java.util.Optional;

/**
 * Llama 4: an answer that is a list of Python calls, perhaps between {@code <|python_start|>} and
 * {@code <|python_end|>}. Calls are told when the list is complete, as only then it is one.
 */
final class PythonicParser extends MarkedParser {
  static final String START = "<|python_start|>";
  static final String END = "<|python_end|>";

  private final StringBuilder text = new StringBuilder();
  private int depth;
  private char quote;
  private boolean escaped;

  PythonicParser(AnswerSink sink) {
    super(sink, List.of(START, END));
  }

  @Override
  boolean beginsBare(char c) {
    return c == '[';
  }

  @Override
  void begin(String marker) {
    text.setLength(0);
    depth = 0;
    quote = 0;
    escaped = false;
    if (marker.equals(END)) {
      leave();
    }
  }

  @Override
  void step(char c) {
    if (depth == 0 && JsonWatch.isBlank(c)) {
      return;
    }
    text.append(c);
    if (quote != 0) {
      inString(c);
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '(' || c == '{') {
      depth++;
    } else if (c == ']' || c == ')' || c == '}') {
      depth--;
    }
    if (depth == 0 && quote == 0) {
      complete();
    }
  }

  private void inString(char c) {
    if (escaped) {
      escaped = false;
    } else if (c == '\\') {
      escaped = true;
    } else if (c == quote) {
      quote = 0;
    }
  }

  private void complete() {
    Optional<List<PythonCalls.Call>> calls = PythonCalls.parse(text.toString());
    if (calls.isEmpty()) {
      degrade();
      return;
    }
    for (PythonCalls.Call call : calls.get()) {
      sink.callBegin("", call.name());
      sink.callArguments(call.arguments());
      sink.callEnd();
    }
    leave();
  }

  @Override
  void endInside() {
    // A list without its end is text.
  }
}
