package io.baton.prompt.tools;

import io.baton.prompt.AnswerSink;

/** Makes a JSON object of a call's arguments, one after the other. */
final class ArgumentWriter {
  private final AnswerSink sink;
  private boolean open;
  private boolean empty = true;

  ArgumentWriter(AnswerSink sink) {
    this.sink = sink;
  }

  void begin(String name) {
    open = true;
    empty = true;
    sink.callBegin("", name);
  }

  void argument(String name, String json) {
    sink.callArguments((empty ? "{" : ", ") + JsonStrings.encode(name) + ": " + json);
    empty = false;
  }

  void end() {
    sink.callArguments(empty ? "{}" : "}");
    sink.callEnd();
    open = false;
  }

  boolean open() {
    return open;
  }
}
