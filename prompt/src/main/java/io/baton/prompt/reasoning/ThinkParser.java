package io.baton.prompt.reasoning;

import io.baton.prompt.AnswerParser;
import io.baton.prompt.AnswerSink;
import io.baton.prompt.tools.MarkerHold;
import java.util.List;

/** Reasoning between two markers at the beginning of an answer; blanks at its edges are dropped. */
final class ThinkParser implements AnswerParser {
  private enum State {
    START,
    REASONING,
    AFTER,
    REST
  }

  private final AnswerSink sink;
  private final AnswerParser rest;
  private final MarkerHold opening;
  private final MarkerHold closing;
  private final StringBuilder free = new StringBuilder();
  private final StringBuilder out = new StringBuilder();
  private final StringBuilder blanks = new StringBuilder();
  private State state;
  private boolean begun;

  ThinkParser(String open, String close, boolean opened, AnswerSink sink, AnswerParser rest) {
    this.sink = sink;
    this.rest = rest;
    this.opening = new MarkerHold(List.of(open));
    this.closing = new MarkerHold(List.of(close));
    this.state = opened ? State.REASONING : State.START;
  }

  @Override
  public void accept(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (state) {
        case START -> start(c);
        case REASONING -> reasoning(c);
        case AFTER, REST -> after(c);
      }
    }
    tell();
  }

  private void start(char c) {
    if (!opening.accept(c, free).isEmpty()) {
      free.setLength(0);
      state = State.REASONING;
    } else if (!free.toString().isBlank()) {
      // Something else came first: there is no reasoning.
      state = State.REST;
      out.append(free);
      free.setLength(0);
      out.append(opening.flush());
    }
  }

  private void reasoning(char c) {
    boolean closed = !closing.accept(c, free).isEmpty();
    for (int i = 0; i < free.length(); i++) {
      char letter = free.charAt(i);
      if (Character.isWhitespace(letter)) {
        blanks.append(letter);
        continue;
      }
      if (begun) {
        out.append(blanks);
      }
      begun = true;
      blanks.setLength(0);
      out.append(letter);
    }
    free.setLength(0);
    if (closed) {
      tell();
      blanks.setLength(0);
      state = State.AFTER;
    }
  }

  private void after(char c) {
    if (state == State.AFTER && Character.isWhitespace(c)) {
      return;
    }
    state = State.REST;
    out.append(c);
  }

  private void tell() {
    if (out.isEmpty()) {
      return;
    }
    String text = out.toString();
    out.setLength(0);
    if (state == State.REASONING) {
      sink.reasoning(text);
    } else {
      rest.accept(text);
    }
  }

  @Override
  public boolean inReasoning() {
    return state == State.REASONING;
  }

  @Override
  public void finish() {
    if (state == State.START) {
      state = State.REST;
      out.append(free).append(opening.flush());
    } else if (state == State.REASONING) {
      out.append(closing.flush());
    }
    tell();
    rest.finish();
  }
}
