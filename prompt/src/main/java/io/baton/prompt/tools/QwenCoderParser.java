package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;
import java.util.List;

/**
 * Qwen3-Coder: {@code <tool_call><function=name><parameter=key>value</parameter></function>
 * </tool_call>}; the outer tag may be missing.
 */
final class QwenCoderParser extends TagParser {
  private static final String CALL = "<tool_call>";
  private static final String FUNCTION = "<function=";
  private static final String FUNCTION_END = "</function>";
  private static final String PARAMETER = "<parameter=";
  private static final String PARAMETER_END = "</parameter>";

  private enum Phase {
    BEFORE_FUNCTION,
    NAME,
    BODY,
    KEY,
    VALUE,
    AFTER_FUNCTION
  }

  private Phase phase = Phase.BEFORE_FUNCTION;
  private boolean wrapped;
  private String name = "";
  private String key = "";

  QwenCoderParser(AnswerSink sink, ToolSchemas tools) {
    super(sink, tools, List.of(CALL, FUNCTION));
  }

  @Override
  void begin(String marker) {
    wrapped = marker.equals(CALL);
    next(wrapped ? Phase.BEFORE_FUNCTION : Phase.NAME);
  }

  private void next(Phase to) {
    phase = to;
    clear();
  }

  @Override
  void step(char c) {
    take(c, phase == Phase.VALUE);
    switch (phase) {
      case BEFORE_FUNCTION -> expect(FUNCTION, Phase.NAME);
      case NAME -> name(c);
      case BODY -> body();
      case KEY -> key(c);
      case VALUE -> value();
      case AFTER_FUNCTION -> afterFunction();
    }
  }

  private void expect(String tag, Phase then) {
    if (is(tag)) {
      next(then);
    } else if (!couldBe(tag)) {
      broken();
    }
  }

  private void name(char c) {
    if (c == '>') {
      name = without(1).strip();
      if (!isName(name)) {
        broken();
        return;
      }
      call.begin(name);
      committed();
      next(Phase.BODY);
    } else if (tooLongForName()) {
      broken();
    }
  }

  private void body() {
    if (is(PARAMETER)) {
      next(Phase.KEY);
    } else if (is(FUNCTION_END)) {
      call.end();
      committed();
      if (wrapped) {
        next(Phase.AFTER_FUNCTION);
      } else {
        leave();
      }
    } else if (!couldBe(PARAMETER) && !couldBe(FUNCTION_END)) {
      broken();
    }
  }

  private void key(char c) {
    if (c == '>') {
      key = without(1).strip();
      next(Phase.VALUE);
    } else if (tooLongForName()) {
      broken();
    }
  }

  private void value() {
    if (endsWith(PARAMETER_END)) {
      String value = unwrapped(without(PARAMETER_END.length()));
      call.argument(key, tools.json(name, key, value));
      committed();
      next(Phase.BODY);
    }
  }

  private void afterFunction() {
    if (is(CALL_END)) {
      leave();
    } else if (is(FUNCTION)) {
      next(Phase.NAME);
    } else if (!couldBe(CALL_END) && !couldBe(FUNCTION)) {
      broken();
    }
  }
}
