package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;
import io.baton.prompt.tools.JsonWatch.Verdict;
import java.util.List;

/**
 * Hermes, Qwen 2.5 and Qwen 3: {@code <tool_call>{"name": .., "arguments": {..}}</tool_call>}, one
 * section per call.
 */
final class HermesParser extends MarkedParser {
  private static final String END = "</tool_call>";

  private CallObject call;
  private boolean complete;
  private int matched;

  HermesParser(AnswerSink sink) {
    super(sink, List.of("<tool_call>"));
    this.call = newCall();
  }

  private CallObject newCall() {
    return new CallObject(sink, false, name -> true);
  }

  @Override
  void begin(String marker) {
    call = newCall();
    complete = false;
    matched = 0;
  }

  @Override
  void step(char c) {
    if (complete) {
      end(c);
      return;
    }
    Verdict verdict = call.accept(c);
    if (call.begun()) {
      if (verdict == Verdict.BROKEN) {
        sink.callEnd();
        degrade();
        return;
      }
      committed();
    } else if (verdict == Verdict.BROKEN) {
      degrade();
      return;
    }
    complete = verdict == Verdict.END;
  }

  private void end(char c) {
    if (c == END.charAt(matched)) {
      if (++matched == END.length()) {
        leave();
      }
    } else if (matched > 0 || !JsonWatch.isBlank(c)) {
      degrade();
    }
  }

  @Override
  void endInside() {
    if (complete) {
      leave();
    } else if (call.begun()) {
      sink.callEnd();
      leave();
    }
  }
}
