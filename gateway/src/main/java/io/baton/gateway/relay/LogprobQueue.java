package io.baton.gateway.relay;

import io.baton.gateway.api.TokenLogprob;
import io.baton.prompt.PromptFormat;
import io.baton.proto.v1.Tokens;
import io.baton.proto.v1.TopLogprobs;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Log-probabilities of tokens that were decoded and whose text is not shown yet, because it may be
 * the beginning of a stop string. Holds as many as that text has tokens.
 */
final class LogprobQueue {
  /** Where a token's text begins, in characters of the choice. */
  private record Waiting(long begin, TokenLogprob logprob) {}

  private final PromptFormat format;
  private final int top;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private long decoded;
  private long shown;

  /**
   * For one choice.
   *
   * @param top best tokens wanted per place; -1: nothing is wanted
   */
  LogprobQueue(PromptFormat format, int top) {
    this.format = format;
    this.top = top;
  }

  boolean wanted() {
    return top >= 0;
  }

  /** The token at this index was decoded and added so many characters. */
  void token(Tokens tokens, int index, int characters) {
    if (wanted() && index < tokens.getLogprobsCount()) {
      waiting.add(new Waiting(decoded, logprob(tokens, index)));
    }
    decoded += characters;
  }

  /** Tokens of the prompt, which are shown as they come. */
  List<TokenLogprob> ofPrompt(Tokens tokens) {
    var all = new ArrayList<TokenLogprob>(tokens.getIdsCount());
    for (int i = 0; i < Math.min(tokens.getIdsCount(), tokens.getLogprobsCount()); i++) {
      all.add(logprob(tokens, i));
    }
    return all;
  }

  private TokenLogprob logprob(Tokens tokens, int index) {
    List<TokenLogprob> best = List.of();
    if (top > 0 && index < tokens.getTopCount()) {
      TopLogprobs from = tokens.getTop(index);
      best = new ArrayList<>(from.getIdsCount());
      for (int i = 0; i < from.getIdsCount(); i++) {
        best.add(one(from.getIds(i), from.getLogprobs(i), List.of()));
      }
    }
    return one(tokens.getIds(index), tokens.getLogprobs(index), best);
  }

  private TokenLogprob one(int id, float logprob, List<TokenLogprob> best) {
    return new TokenLogprob(format.tokenBytes(id), logprob, best);
  }

  /** The end: so much text came without a token of its own. */
  void decoded(int characters) {
    decoded = Math.max(decoded, shown + characters);
  }

  /** What belongs to the next so many characters that are shown. */
  List<TokenLogprob> shown(int characters) {
    shown += characters;
    if (waiting.isEmpty()) {
      return List.of();
    }
    var out = new ArrayList<TokenLogprob>();
    while (!waiting.isEmpty() && (waiting.peek().begin() < shown || shown >= decoded)) {
      out.add(waiting.remove().logprob());
    }
    return out;
  }
}
