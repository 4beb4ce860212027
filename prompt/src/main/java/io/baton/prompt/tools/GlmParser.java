package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;
import java.util.List;

/**
 * GLM 4.5: {@code <tool_call>name<arg_key>key</arg_key><arg_value>value</arg_value></tool_call>}.
 */
final class GlmParser extends TagParser {
  private static final String CALL = "<tool_call>";
  private static final String KEY = "<arg_key>";
  private static final String KEY_END = "</arg_key>";
  private static final String VALUE = "<arg_value>";
  private static final String VALUE_END = "</arg_value>";

  private enum Phase {
    NAME,
    BODY,
    KEY,
    BEFORE_VALUE,
    VALUE
  }

  private Phase phase = Phase.NAME;
  private String name = "";
  private String key = "";

  GlmParser(AnswerSink sink, ToolSchemas tools) {
    super(sink, tools, List.of(CALL));
  }

  @Override
  void begin(String marker) {
    next(Phase.NAME);
  }

  private void next(Phase to) {
    phase = to;
    clear();
  }

  @Override
  void step(char c) {
    take(c, phase == Phase.VALUE);
    switch (phase) {
      case NAME -> name(c);
      case BODY -> body();
      case KEY -> key();
      case BEFORE_VALUE -> beforeValue();
      case VALUE -> value();
    }
  }

  private void name(char c) {
    if (endsWith(KEY)) {
      if (named(without(KEY.length()))) {
        next(Phase.KEY);
      }
    } else if (endsWith(CALL_END)) {
      if (named(without(CALL_END.length()))) {
        call.end();
        leave();
      }
    } else if (c == '\n' && !seenNothing()) {
      if (named(without(1))) {
        next(Phase.BODY);
      }
    } else if (tooLongForName()) {
      broken();
    }
  }

  private boolean named(String text) {
    name = text.strip();
    if (!isName(name)) {
      broken();
      return false;
    }
    call.begin(name);
    committed();
    return true;
  }

  private void body() {
    if (is(KEY)) {
      next(Phase.KEY);
    } else if (is(CALL_END)) {
      call.end();
      leave();
    } else if (!couldBe(KEY) && !couldBe(CALL_END)) {
      broken();
    }
  }

  private void key() {
    if (endsWith(KEY_END)) {
      key = without(KEY_END.length()).strip();
      next(Phase.BEFORE_VALUE);
    } else if (tooLongForName()) {
      broken();
    }
  }

  private void beforeValue() {
    if (is(VALUE)) {
      next(Phase.VALUE);
    } else if (!couldBe(VALUE)) {
      broken();
    }
  }

  private void value() {
    if (endsWith(VALUE_END)) {
      String value = unwrapped(without(VALUE_END.length()));
      call.argument(key, tools.json(name, key, value));
      committed();
      next(Phase.BODY);
    }
  }
}
