package io.baton.gateway.relay;

import io.baton.gateway.api.Answer;
import io.baton.gateway.api.Answer.AnswerUsage;
import io.baton.gateway.api.Answer.Ending;
import io.baton.gateway.api.Answer.Reason;
import io.baton.gateway.api.Delivery;
import io.baton.gateway.api.Delta;
import io.baton.gateway.api.TokenLogprob;
import io.baton.prompt.AnswerParser;
import io.baton.prompt.Detokenizer;
import io.baton.prompt.StopStrings;
import io.baton.prompt.tools.ToolFamily;
import io.baton.prompt.tools.ToolSchemas;
import io.baton.proto.v1.FinishReason;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.OpenAiBytes;
import io.baton.proto.v1.Tokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Token ids to text: detokenizes, looks for stop strings, writes whole characters only. */
final class TokenFeed implements AnswerFeed {
  /**
   * Where the tokens go.
   *
   * @param promptTokens 0 for all but one choice of the same prompt: it is counted once
   * @param echo text that the choice begins with; may be empty
   * @param firstOfPrompt its first token, if its tokens are scored
   */
  record Target(
      Answer answer,
      int choice,
      int promptTokens,
      String echo,
      Optional<TokenLogprob> firstOfPrompt) {}

  private final Target to;
  private final Detokenizer detokenizer;
  private final StopStrings stops;
  private final LogprobQueue logprobs;
  private final AnswerPieces pieces;
  private final AnswerParser parser;
  private final boolean parsed;
  private int[] received = new int[64];
  private int reasoningTokens;
  private final List<TokenLogprob> promptLogprobs = new ArrayList<>();
  private String echo;
  private int completionTokens;
  private boolean stopped;

  /**
   * A feed for one choice.
   *
   * @param pieces where the parser's words go
   * @param parser null: all text is for the reader
   */
  TokenFeed(
      Target to,
      Detokenizer detokenizer,
      StopStrings stops,
      LogprobQueue logprobs,
      AnswerPieces pieces,
      @Nullable AnswerParser parser) {
    this.pieces = pieces;
    this.parsed = parser != null;
    this.parser =
        parser == null ? ToolFamily.NONE.parser(pieces, ToolSchemas.of(Map.of())) : parser;
    this.to = to;
    this.detokenizer = detokenizer;
    this.stops = stops;
    this.logprobs = logprobs;
    this.echo = to.echo();
    to.firstOfPrompt().ifPresent(promptLogprobs::add);
  }

  @Override
  public void tokens(Tokens tokens) {
    if (stopped) {
      return;
    }
    if (tokens.getOfPrompt()) {
      promptLogprobs.addAll(logprobs.ofPrompt(tokens));
      return;
    }
    keep(tokens);
    if (stops.isEmpty() && !logprobs.wanted() && !parsed) {
      int[] ids = new int[tokens.getIdsCount()];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = tokens.getIds(i);
      }
      completionTokens += ids.length;
      write(detokenizer.append(ids));
      return;
    }
    // One by one, so that the count of tokens is exact when a stop string ends the answer.
    for (int i = 0; i < tokens.getIdsCount() && !stopped; i++) {
      completionTokens++;
      boolean thought = parser.inReasoning();
      String piece = detokenizer.append(new int[] {tokens.getIds(i)});
      logprobs.token(tokens, i, piece.length());
      read(stops.append(piece));
      if (thought || parser.inReasoning()) {
        reasoningTokens++;
      }
      stopped = stops.stopped() || pieces.done();
    }
    pieces.tell();
  }

  /** Text that is certain, through the parser. */
  private void read(String text) {
    beginWithEcho();
    List<TokenLogprob> shown = logprobs.shown(text.length());
    if (!shown.isEmpty()) {
      pieces.tell();
      pieces.logprobs(shown);
    }
    if (!text.isEmpty()) {
      parser.accept(text);
    }
  }

  private void keep(Tokens tokens) {
    int count = tokens.getIdsCount();
    if (completionTokens + count > received.length) {
      received = Arrays.copyOf(received, Math.max(2 * received.length, completionTokens + count));
    }
    for (int i = 0; i < count; i++) {
      received[completionTokens + i] = tokens.getIds(i);
    }
  }

  private void write(String piece) {
    beginWithEcho();
    if (!piece.isEmpty()) {
      to.answer().add(to.choice(), new Delta.Text(piece));
    }
  }

  private void beginWithEcho() {
    if (!echo.isEmpty()) {
      String prompt = echo;
      echo = "";
      to.answer().add(to.choice(), new Delta.Text(prompt, List.copyOf(promptLogprobs)));
    }
  }

  @Override
  public void openAi(OpenAiBytes bytes) {
    throw new IllegalStateException("openai chunk for a request in the tokens form");
  }

  @Override
  public boolean complete() {
    return stopped;
  }

  @Override
  public void finish(Finished finished) {
    if (!stopped) {
      String rest = stops.append(detokenizer.flush());
      boolean stoppedByRest = stops.stopped();
      String all = stoppedByRest ? rest : rest + stops.flush();
      logprobs.decoded(stoppedByRest ? 0 : all.length());
      read(all);
      stopped = stoppedByRest;
    }
    parser.finish();
    pieces.tell();
    boolean length = !stopped && finished.getReason() == FinishReason.FINISH_LENGTH;
    boolean counted = to.promptTokens() > 0;
    var usage =
        new AnswerUsage(
            to.promptTokens(),
            completionTokens,
            counted ? finished.getUsage().getCachedTokens() : 0,
            reasoningTokens);
    Reason reason = length ? Reason.LENGTH : pieces.calls() > 0 ? Reason.TOOL_CALLS : Reason.STOP;
    to.answer().end(to.choice(), new Ending(reason, stops.found().orElse(null), usage));
  }

  @Override
  public int received() {
    return completionTokens;
  }

  @Override
  public Optional<int[]> soFar() {
    return Optional.of(Arrays.copyOf(received, completionTokens));
  }

  @Override
  public Delivery delivery() {
    return to.answer();
  }
}
