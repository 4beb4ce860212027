package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;
import io.baton.prompt.tools.JsonWatch.Verdict;
import java.util.List;
import java.util.Set;

/**
 * Llama 3: an answer that is {@code {"name": .., "parameters": {..}}}, perhaps after {@code
 * <|python_tag|>}; more calls after semicolons. Without a marker an object counts only if it names
 * a tool of the request.
 */
final class LlamaJsonParser extends MarkedParser {
  static final String TAG = "<|python_tag|>";

  private final Set<String> tools;
  private CallObject call;
  private boolean between;

  LlamaJsonParser(AnswerSink sink, Set<String> tools) {
    super(sink, List.of(TAG));
    this.tools = tools;
    this.call = newCall();
  }

  private CallObject newCall() {
    return new CallObject(sink, true, tools::contains);
  }

  @Override
  boolean beginsBare(char c) {
    return c == '{';
  }

  @Override
  void begin(String marker) {
    call = newCall();
    between = false;
  }

  @Override
  void step(char c) {
    if (between) {
      if (c == '{') {
        call = newCall();
        between = false;
      } else {
        if (c != ';' && !JsonWatch.isBlank(c)) {
          degrade();
        }
        return;
      }
    }
    Verdict verdict = call.accept(c);
    if (verdict == Verdict.BROKEN) {
      if (call.begun()) {
        sink.callEnd();
      }
      degrade();
      return;
    }
    if (call.begun()) {
      committed();
    }
    between = verdict == Verdict.END;
  }

  @Override
  void endInside() {
    if (between) {
      leave();
    } else if (call.begun()) {
      sink.callEnd();
      leave();
    }
  }
}
