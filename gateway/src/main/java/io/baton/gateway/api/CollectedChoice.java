package io.baton.gateway.api;

import io.baton.gateway.api.Answer.Ending;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A choice of a unary answer; bounded by the request's token limit. */
final class CollectedChoice {
  /** A call of a tool. */
  static final class Call {
    final String id;
    final String name;
    final StringBuilder arguments = new StringBuilder();

    Call(String id, String name) {
      this.id = id;
      this.name = name;
    }
  }

  final StringBuilder text = new StringBuilder();
  final StringBuilder reasoning = new StringBuilder();
  final List<Call> calls = new ArrayList<>();
  final List<TokenLogprob> logprobs = new ArrayList<>();
  @Nullable Ending ending;

  void add(Delta delta) {
    switch (delta) {
      case Delta.Text piece -> {
        text.append(piece.text());
        logprobs.addAll(piece.logprobs());
      }
      case Delta.Reasoning piece -> reasoning.append(piece.text());
      case Delta.CallBegin begin -> calls.add(new Call(begin.id(), begin.name()));
      case Delta.CallArguments piece -> calls.get(piece.index()).arguments.append(piece.json());
    }
  }

  Ending ending() {
    return java.util.Objects.requireNonNull(ending, "ending");
  }

  /**
   * Mean log-probability of its tokens: by this {@code best_of} chooses.
   *
   * @param from characters at its beginning whose tokens do not count
   */
  double score(int from) {
    double sum = 0;
    int count = 0;
    int at = 0;
    for (TokenLogprob token : logprobs) {
      if (at >= from) {
        sum += token.shown();
        count++;
      }
      at += token.text().length();
    }
    return count == 0 ? 0 : sum / count;
  }
}
