package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;
import io.baton.prompt.tools.JsonWatch.Verdict;
import java.util.List;

/** A section that is, or may be, a JSON list of call objects. */
abstract class CallListParser extends MarkedParser {
  private CallObject call;
  private boolean betweenCalls;

  CallListParser(AnswerSink sink, List<String> starts) {
    super(sink, starts);
    this.call = newCall();
  }

  private CallObject newCall() {
    return new CallObject(sink, false, name -> true);
  }

  /** The list's opening bracket has been read. */
  final void beginList() {
    betweenCalls = false;
    call = newCall();
  }

  /** The next letter of the list. */
  final void listLetter(char c) {
    if (betweenCalls) {
      between(c);
    } else {
      inCall(c);
    }
  }

  private void inCall(char c) {
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
    betweenCalls = verdict == Verdict.END;
  }

  private void between(char c) {
    if (c == ',') {
      beginList();
    } else if (c == ']') {
      leave();
    } else if (!JsonWatch.isBlank(c)) {
      degrade();
    }
  }

  /** The text ends inside the list: what was told of a call stays a call. */
  final void endInsideList() {
    boolean open = !betweenCalls && call.begun();
    if (open) {
      sink.callEnd();
    }
    if (open || betweenCalls) {
      leave();
    }
  }
}
