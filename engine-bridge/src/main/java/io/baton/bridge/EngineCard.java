package io.baton.bridge;

import java.util.List;
import java.util.Optional;

/**
 * What an engine is.
 *
 * @param engine `baton-cpu`, `baton-sim`, `vllm`, `sglang`, `openai`
 * @param version of the engine
 * @param role what legs it takes
 * @param models names of the model it serves; may be empty if the agent's configuration names them
 * @param dpSize data-parallel ranks, at least 1
 * @param blockSize tokens per KV block; 0 if unknown
 * @param totalBlocks KV blocks per rank; 0 if unknown
 * @param maxContext longest prompt plus answer in tokens; 0 if unknown
 * @param maxRequests requests it will hold at once, running and waiting
 * @param publishesKvEvents whether {@link Engine#onKvEvents} ever speaks
 * @param tokenizerSha256 SHA-256 of the model's tokenizer.json in hex; empty if unknown
 * @param eosTokenIds tokens that end an answer
 * @param handoff how it hands KV over; empty if it cannot
 */
public record EngineCard(
    String engine,
    String version,
    Role role,
    List<String> models,
    int dpSize,
    int blockSize,
    long totalBlocks,
    int maxContext,
    int maxRequests,
    boolean publishesKvEvents,
    String tokenizerSha256,
    List<Integer> eosTokenIds,
    Optional<HandoffCard> handoff) {

  /** What legs an engine takes. */
  public enum Role {
    AGGREGATED,
    PREFILL,
    DECODE
  }

  /**
   * How KV is handed over.
   *
   * @param style how prefill and decode meet
   * @param dataHost where decode workers reach this engine's data plane; empty for decode workers
   * @param dataPort its port; 0 for decode workers
   * @param kvLayout what both sides must agree on: model, dtype, block layout
   */
  public record HandoffCard(HandoffStyle style, String dataHost, int dataPort, String kvLayout) {}

  /** How prefill and decode meet. */
  public enum HandoffStyle {
    /** Both legs run at once and meet in a room on the prefill engine's data plane. */
    ROOM,
    /** One after the other: what the prefill leg answers goes into the decode leg. */
    PARAMETERS
  }
}
