package io.baton.engine;

import io.baton.bridge.EngineCard.Role;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Leg;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What is wrong with a request, wherever it would be sent. */
final class RequestCheck {
  private final Role role;
  private final int vocabSize;
  private final int maxContext;
  private final int[] eosTokens;

  RequestCheck(Role role, int vocabSize, int maxContext, int[] eosTokens) {
    this.role = role;
    this.vocabSize = vocabSize;
    this.maxContext = maxContext;
    this.eosTokens = eosTokens;
  }

  /** In words, or null if it is fine. */
  @Nullable String problem(TokenRequest request) {
    if (request.leg() != Leg.AGGREGATED && !request.leg().name().equals(role.name())) {
      return "leg: " + request.leg() + " (expected: AGGREGATED or " + role + ")";
    }
    if (request.leg() != Leg.AGGREGATED && request.handoff().isEmpty()) {
      return "handoff: none (expected: room, host, port and secret for leg " + request.leg() + ")";
    }
    int[] tokens = request.tokenIds();
    if (tokens.length == 0 || tokens.length >= maxContext) {
      return "prompt: "
          + tokens.length
          + " tokens (expected: 1 to "
          + (maxContext - 1)
          + ", so that one more fits into the context of this engine)";
    }
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= vocabSize) {
        return "prompt token "
            + i
            + ": "
            + tokens[i]
            + " (expected: 0 to "
            + (vocabSize - 1)
            + ", the model's vocabulary)";
      }
    }
    if (request.sampling().scorePrompt() && request.leg() != Leg.AGGREGATED) {
      return "score prompt: true (expected: false for leg " + request.leg() + ")";
    }
    return request.maxTokens() < 1
        ? "max tokens: " + request.maxTokens() + " (expected: at least 1)"
        : null;
  }

  /** Most tokens of prompt and answer. */
  int limit(TokenRequest request) {
    int prompt = request.tokenIds().length;
    long wanted = request.leg() == Leg.PREFILL ? 1 : request.maxTokens();
    return (int) Math.min(maxContext, prompt + wanted);
  }

  /** Most tokens of prompt and answer, whichever legs make it. */
  int wholeLimit(TokenRequest request) {
    return (int) Math.min(maxContext, (long) request.tokenIds().length + request.maxTokens());
  }

  /** Tokens that end the answer. */
  int[] endTokens(TokenRequest request) {
    return request.ignoreEos()
        ? request.stopTokenIds()
        : IntStream.concat(IntStream.of(eosTokens), IntStream.of(request.stopTokenIds()))
            .distinct()
            .toArray();
  }
}
