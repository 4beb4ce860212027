package io.baton.agent;

import io.baton.bridge.EngineException;
import io.baton.bridge.Finish;
import io.baton.bridge.TokenSink;
import io.baton.proto.v1.Tokens;
import io.baton.proto.v1.TopLogprobs;
import org.jspecify.annotations.Nullable;

/** The answer of a leg in the {@code tokens} form, from the engine to the wire. */
final class TokenLeg implements TokenSink {
  private final LegContext leg;

  TokenLeg(LegContext leg) {
    this.leg = leg;
  }

  @Override
  public void onAccepted(int cachedTokens) {
    leg.replies().accepted(cachedTokens);
  }

  @Override
  public void onPrompt(int[] ids, Logprobs logprobs) {
    tell(ids, logprobs, Tokens.newBuilder().setOfPrompt(true));
  }

  @Override
  public void onTokens(int[] ids, @Nullable Logprobs logprobs) {
    tell(ids, logprobs, Tokens.newBuilder());
  }

  private void tell(int[] ids, @Nullable Logprobs logprobs, Tokens.Builder tokens) {
    for (int id : ids) {
      tokens.addIds(id);
    }
    if (logprobs != null) {
      add(logprobs, tokens);
    }
    leg.replies().tokens(tokens.build());
  }

  private static void add(Logprobs logprobs, Tokens.Builder tokens) {
    for (float logprob : logprobs.chosen()) {
      tokens.addLogprobs(logprob);
    }
    for (int i = 0; i < logprobs.topIds().length; i++) {
      var top = TopLogprobs.newBuilder();
      for (int id : logprobs.topIds()[i]) {
        top.addIds(id);
      }
      for (float logprob : logprobs.topLogprobs()[i]) {
        top.addLogprobs(logprob);
      }
      tokens.addTop(top);
    }
  }

  @Override
  public void onHandoff(byte[] parameters) {
    leg.handoff(parameters);
  }

  @Override
  public void onFinished(Finish finish) {
    leg.finished(finish);
  }

  @Override
  public void onFailed(EngineException error) {
    leg.failed(error);
  }
}
