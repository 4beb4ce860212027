package io.baton.gateway.relay;

import io.baton.gateway.api.Answer;
import io.baton.gateway.api.Delta;
import io.baton.gateway.api.TokenLogprob;
import io.baton.gateway.api.ToolUse;
import io.baton.prompt.AnswerSink;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** What a parser says, as deltas of a choice: as few as the order allows. */
final class AnswerPieces implements AnswerSink {
  private enum Kind {
    CONTENT,
    REASONING,
    ARGUMENTS
  }

  private final Answer answer;
  private final int choice;
  private final ToolUse tools;
  private final boolean showReasoning;
  private final StringBuilder pending = new StringBuilder();
  private Kind kind = Kind.CONTENT;
  private List<TokenLogprob> logprobs = List.of();
  private int calls;
  private boolean done;

  AnswerPieces(Answer answer, int choice, ToolUse tools, boolean showReasoning) {
    this.answer = answer;
    this.choice = choice;
    this.tools = tools;
    this.showReasoning = showReasoning;
  }

  @Override
  public void content(String text) {
    add(Kind.CONTENT, text);
  }

  @Override
  public void reasoning(String text) {
    if (showReasoning) {
      add(Kind.REASONING, text);
    }
  }

  @Override
  public void callBegin(String id, String name) {
    if (done) {
      return;
    }
    tell();
    answer.add(choice, new Delta.CallBegin(calls, id.isEmpty() ? newId() : id, name));
    calls++;
  }

  private static String newId() {
    var random = ThreadLocalRandom.current();
    return "call_"
        + HexFormat.of().toHexDigits(random.nextLong())
        + HexFormat.of().toHexDigits(random.nextLong()).substring(8);
  }

  @Override
  public void callArguments(String json) {
    add(Kind.ARGUMENTS, json);
  }

  @Override
  public void callEnd() {
    tell();
    // One call was all that the client wanted.
    done |= !tools.parallel();
  }

  private void add(Kind of, String text) {
    if (done) {
      return;
    }
    if (of != kind) {
      tell();
      kind = of;
    }
    pending.append(text);
  }

  /** Log-probabilities of the tokens whose text comes next. */
  void logprobs(List<TokenLogprob> next) {
    logprobs = next;
  }

  /** Passes on what there is. */
  void tell() {
    String text = pending.toString();
    pending.setLength(0);
    boolean shown = kind == Kind.CONTENT && !logprobs.isEmpty();
    if (text.isEmpty() && !shown) {
      return;
    }
    switch (kind) {
      case CONTENT -> {
        answer.add(choice, new Delta.Text(text, logprobs));
        logprobs = List.of();
      }
      case REASONING -> answer.add(choice, new Delta.Reasoning(text));
      case ARGUMENTS -> answer.add(choice, new Delta.CallArguments(calls - 1, text));
    }
  }

  int calls() {
    return calls;
  }

  /** Whether nothing more is wanted. */
  boolean done() {
    return done;
  }
}
