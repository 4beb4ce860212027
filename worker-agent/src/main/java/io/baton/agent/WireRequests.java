package io.baton.agent;

import io.baton.bridge.Constraint;
import io.baton.bridge.Constraint.Kind;
import io.baton.bridge.FinishReason;
import io.baton.bridge.OpenAiEngine.OpenAiRequest;
import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.proto.v1.GenerateRequest;
import io.baton.proto.v1.TokensForm;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** From the wire's messages to the engines' records. */
final class WireRequests {
  private WireRequests() {}

  static TokenRequest tokens(GenerateRequest request) {
    TokensForm form = request.getTokens();
    return new TokenRequest(
        leg(request),
        ints(form.getTokenIdsList()),
        sampling(form.getSampling()),
        Math.max(1, form.getMaxTokens()),
        ints(form.getStopTokenIdsList()),
        form.getIgnoreEos(),
        form.getCacheSalt(),
        form.getLora(),
        request.getPriority(),
        handoff(request),
        constraint(form));
  }

  static OpenAiRequest openAi(GenerateRequest request) {
    var form = request.getOpenai();
    return new OpenAiRequest(
        form.getPath(),
        form.getBody().toByteArray(),
        form.getStream(),
        request.getRequestId(),
        leg(request),
        handoff(request));
  }

  private static Optional<Constraint> constraint(TokensForm form) {
    var wire = form.getConstraint();
    int answered = wire.getAnswered();
    return switch (wire.getSourceCase()) {
      case JSON_SCHEMA ->
          Optional.of(new Constraint(Kind.JSON_SCHEMA, wire.getJsonSchema(), answered));
      case REGEX -> Optional.of(new Constraint(Kind.REGEX, wire.getRegex(), answered));
      case GRAMMAR -> Optional.of(new Constraint(Kind.GRAMMAR, wire.getGrammar(), answered));
      case SOURCE_NOT_SET -> Optional.empty();
    };
  }

  private static TokenRequest.Leg leg(GenerateRequest request) {
    return switch (request.getLeg()) {
      case LEG_PREFILL -> TokenRequest.Leg.PREFILL;
      case LEG_DECODE -> TokenRequest.Leg.DECODE;
      default -> TokenRequest.Leg.AGGREGATED;
    };
  }

  private static Optional<Handoff> handoff(GenerateRequest request) {
    if (!request.hasHandoff()) {
      return Optional.empty();
    }
    var handoff = request.getHandoff();
    return Optional.of(
        new Handoff(
            handoff.getRoom(),
            handoff.getHost(),
            handoff.getPort(),
            handoff.getSecret().toByteArray(),
            handoff.getParameters().toByteArray()));
  }

  /** On the wire 0 means off for values whose neutral element is 1. */
  private static Sampling sampling(io.baton.proto.v1.Sampling wire) {
    return new Sampling(
        wire.getTemperature(),
        wire.getTopK(),
        wire.getTopP() == 0 ? 1 : wire.getTopP(),
        wire.getMinP(),
        wire.hasSeed() ? OptionalLong.of(wire.getSeed()) : OptionalLong.empty(),
        wire.getRepetitionPenalty() == 0 ? 1 : wire.getRepetitionPenalty(),
        wire.getPresencePenalty(),
        wire.getFrequencyPenalty(),
        wire.getLogitBiasMap(),
        wire.getMinTokens(),
        wire.hasTopLogprobs() ? wire.getTopLogprobs() : -1,
        wire.getScorePrompt());
  }

  private static int[] ints(List<Integer> values) {
    int[] array = new int[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return array;
  }

  static io.baton.proto.v1.FinishReason reason(FinishReason reason) {
    return switch (reason) {
      case STOP -> io.baton.proto.v1.FinishReason.FINISH_STOP;
      case LENGTH -> io.baton.proto.v1.FinishReason.FINISH_LENGTH;
      case ABORT -> io.baton.proto.v1.FinishReason.FINISH_ABORT;
      case HANDOFF -> io.baton.proto.v1.FinishReason.FINISH_HANDOFF;
    };
  }
}
