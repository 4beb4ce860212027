package io.baton.bridge;

import java.util.Optional;

/**
 * One leg of a request in the {@code tokens} form. Arrays are owned by the request and must not be
 * changed.
 *
 * @param leg what to do
 * @param tokenIds the whole prompt, at least one token
 * @param maxTokens most tokens to generate, at least 1
 * @param stopTokenIds end the answer, beside the model's own end tokens
 * @param ignoreEos whether the model's own end tokens are ordinary tokens for this request
 * @param cacheSalt namespace of the prefix cache; empty: none
 * @param lora name of a LoRA adapter; empty: none
 * @param priority larger goes first
 * @param handoff how prefill and decode meet; empty for {@link Leg#AGGREGATED}
 * @param constraint what the answer must follow; empty: nothing
 */
public record TokenRequest(
    Leg leg,
    int[] tokenIds,
    Sampling sampling,
    int maxTokens,
    int[] stopTokenIds,
    boolean ignoreEos,
    String cacheSalt,
    String lora,
    int priority,
    Optional<Handoff> handoff,
    Optional<Constraint> constraint) {

  /** A request whose answer is free. */
  public TokenRequest(
      Leg leg,
      int[] tokenIds,
      Sampling sampling,
      int maxTokens,
      int[] stopTokenIds,
      boolean ignoreEos,
      String cacheSalt,
      String lora,
      int priority,
      Optional<Handoff> handoff) {
    this(
        leg,
        tokenIds,
        sampling,
        maxTokens,
        stopTokenIds,
        ignoreEos,
        cacheSalt,
        lora,
        priority,
        handoff,
        Optional.empty());
  }

  /** The same request with an answer that must follow something. */
  public TokenRequest following(Constraint constraint) {
    return new TokenRequest(
        leg,
        tokenIds,
        sampling,
        maxTokens,
        stopTokenIds,
        ignoreEos,
        cacheSalt,
        lora,
        priority,
        handoff,
        Optional.of(constraint));
  }

  /** What a leg does. */
  public enum Leg {
    AGGREGATED,
    PREFILL,
    DECODE
  }

  /**
   * How prefill and decode meet.
   *
   * @param room random, 63 bits, never 0; both legs of a request have the same
   * @param host data plane of the prefill engine
   * @param secret whoever joins the room must present it
   * @param parameters what the prefill engine answered, for engines that hand over by parameters;
   *     opaque JSON; empty otherwise
   */
  public record Handoff(long room, String host, int port, byte[] secret, byte[] parameters) {
    /** A room to meet in, without parameters. */
    public Handoff(long room, String host, int port, byte[] secret) {
      this(room, host, port, secret, new byte[0]);
    }
  }
}
