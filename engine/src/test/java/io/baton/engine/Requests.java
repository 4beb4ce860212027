package io.baton.engine;

import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.bridge.TokenRequest.Leg;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/** Requests for tests. */
public final class Requests {
  private static final int[] NONE = {};

  private Requests() {}

  /** Greedy, aggregated, end tokens ignored. */
  public static TokenRequest greedy(int[] prompt, int maxTokens) {
    return of(Leg.AGGREGATED, prompt, Sampling.GREEDY, maxTokens, Optional.empty());
  }

  public static TokenRequest sampled(int[] prompt, Sampling sampling, int maxTokens) {
    return of(Leg.AGGREGATED, prompt, sampling, maxTokens, Optional.empty());
  }

  public static TokenRequest of(
      Leg leg, int[] prompt, Sampling sampling, int maxTokens, Optional<Handoff> handoff) {
    return new TokenRequest(leg, prompt, sampling, maxTokens, NONE, true, "", "", 0, handoff);
  }

  /** The same request as one leg of a handoff. */
  public static TokenRequest leg(TokenRequest request, Leg leg, Handoff handoff) {
    return new TokenRequest(
        leg,
        request.tokenIds(),
        request.sampling(),
        request.maxTokens(),
        request.stopTokenIds(),
        request.ignoreEos(),
        request.cacheSalt(),
        request.lora(),
        request.priority(),
        Optional.of(handoff));
  }

  public static TokenRequest withSalt(TokenRequest request, String salt) {
    return new TokenRequest(
        request.leg(),
        request.tokenIds(),
        request.sampling(),
        request.maxTokens(),
        request.stopTokenIds(),
        request.ignoreEos(),
        salt,
        request.lora(),
        request.priority(),
        request.handoff());
  }

  public static Handoff handoff(long room, int port) {
    byte[] secret = ("secret-" + room).getBytes(StandardCharsets.UTF_8);
    return new Handoff(room, "127.0.0.1", port, secret);
  }

  /** Random tokens of a vocabulary, from token 3 on. */
  public static int[] prompt(SplittableRandom random, int length, int vocabulary) {
    return random.ints(length, 3, vocabulary).toArray();
  }

  /** Temperature 1, a fixed seed, nothing else. */
  public static Sampling seeded(long seed) {
    return new Sampling(1, 0, 1, 0, OptionalLong.of(seed), 1, 0, 0, java.util.Map.of(), 0, -1);
  }
}
