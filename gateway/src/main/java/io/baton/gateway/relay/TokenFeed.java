package io.baton.gateway.relay;

import io.baton.gateway.api.Answer;
import io.baton.gateway.api.Answer.AnswerUsage;
import io.baton.gateway.api.Delivery;
import io.baton.prompt.Detokenizer;
import io.baton.prompt.StopStrings;
import io.baton.proto.v1.FinishReason;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.OpenAiBytes;
import io.baton.proto.v1.Tokens;
import io.vertx.core.Future;
import java.util.Arrays;
import java.util.Optional;

/** Token ids to text: detokenizes, looks for stop strings, writes whole characters only. */
final class TokenFeed implements AnswerFeed {
  private final Answer answer;
  private final Detokenizer detokenizer;
  private final StopStrings stops;
  private final int promptTokens;
  private int[] received = new int[64];
  private int completionTokens;
  private boolean stopped;

  TokenFeed(Answer answer, Detokenizer detokenizer, StopStrings stops, int promptTokens) {
    this.answer = answer;
    this.detokenizer = detokenizer;
    this.stops = stops;
    this.promptTokens = promptTokens;
  }

  @Override
  public void tokens(Tokens tokens) {
    if (stopped) {
      return;
    }
    keep(tokens);
    if (stops.isEmpty()) {
      int[] ids = new int[tokens.getIdsCount()];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = tokens.getIds(i);
      }
      completionTokens += ids.length;
      write(detokenizer.append(ids));
      return;
    }
    // One by one, so that the count of tokens is exact when a stop string ends the answer.
    var text = new StringBuilder();
    for (int i = 0; i < tokens.getIdsCount() && !stopped; i++) {
      completionTokens++;
      text.append(stops.append(detokenizer.append(new int[] {tokens.getIds(i)})));
      stopped = stops.stopped();
    }
    write(text.toString());
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
    if (!piece.isEmpty()) {
      answer.text(piece);
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
  public Future<Void> finish(Finished finished) {
    if (!stopped) {
      String rest = stops.append(detokenizer.flush());
      boolean stoppedByRest = stops.stopped();
      write(stoppedByRest ? rest : rest + stops.flush());
      stopped = stoppedByRest;
    }
    boolean length = !stopped && finished.getReason() == FinishReason.FINISH_LENGTH;
    var usage =
        new AnswerUsage(promptTokens, completionTokens, finished.getUsage().getCachedTokens());
    return answer.finish(length ? "length" : "stop", usage);
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
    return answer;
  }
}
