package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;
import java.util.List;

/**
 * Families that write a call as tags with arguments as plain text. Each argument is told when it is
 * complete, as only then its JSON is known.
 */
abstract class TagParser extends MarkedParser {
  static final String CALL_END = "</tool_call>";
  private static final int MAX_NAME = 256;

  final ArgumentWriter call;
  final ToolSchemas tools;
  private final StringBuilder buffer = new StringBuilder();

  TagParser(AnswerSink sink, ToolSchemas tools, List<String> starts) {
    super(sink, starts);
    this.call = new ArgumentWriter(sink);
    this.tools = tools;
  }

  final void clear() {
    buffer.setLength(0);
  }

  final boolean seenNothing() {
    return buffer.isEmpty();
  }

  /** Takes a letter of running text; blanks before it count only with {@code blanks}. */
  final void take(char c, boolean blanks) {
    if (blanks || !buffer.isEmpty() || !JsonWatch.isBlank(c)) {
      buffer.append(c);
    }
  }

  final boolean is(String text) {
    return buffer.compareTo(new StringBuilder(text)) == 0;
  }

  /** Whether what was taken could still become this. */
  final boolean couldBe(String text) {
    return text.startsWith(buffer.toString());
  }

  final boolean endsWith(String end) {
    int at = buffer.length() - end.length();
    return at >= 0 && buffer.indexOf(end, at) == at;
  }

  /** What was taken, without this many letters at its end. */
  final String without(int letters) {
    return buffer.substring(0, buffer.length() - letters);
  }

  static boolean isName(String name) {
    return !name.isEmpty() && name.length() <= MAX_NAME && name.matches("[\\w.:/-]+");
  }

  final boolean tooLongForName() {
    return buffer.length() > MAX_NAME;
  }

  /** Models put the value on lines of its own. */
  static String unwrapped(String value) {
    String text = value.startsWith("\n") ? value.substring(1) : value;
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  @Override
  final void endInside() {
    if (call.open()) {
      call.end();
      leave();
    }
  }

  /** The section is broken: an open call ends with what it has. */
  final void broken() {
    if (call.open()) {
      call.end();
    }
    degrade();
  }
}
