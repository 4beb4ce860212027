package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;
import java.util.List;

/** An answer that is nothing but a JSON list of call objects: what {@link ForcedCalls} ask for. */
final class CallArrayParser extends CallListParser {
  private boolean opened;

  CallArrayParser(AnswerSink sink) {
    super(sink, List.of());
  }

  @Override
  boolean beginsBare(char c) {
    return c == '[';
  }

  @Override
  void begin(String marker) {
    opened = false;
  }

  @Override
  void step(char c) {
    if (opened) {
      listLetter(c);
    } else {
      opened = true;
      beginList();
    }
  }

  @Override
  void endInside() {
    endInsideList();
  }
}
