package io.baton.kvrouter;

import io.baton.kvblocks.BlockHashes;
import java.util.Optional;
import java.util.Set;

/**
 * One leg that wants a worker.
 *
 * @param requestId for the receipt
 * @param phase the leg; only worker ranks of this phase are candidates
 * @param tokens the prompt; not changed, not kept
 * @param cacheSalt the tenant's namespace in prefix caches; empty for none
 * @param lora name of the LoRA adapter; empty for none
 * @param excluded worker ranks where this request has failed before
 * @param kvLayout what the other leg's worker hands over; empty if it does not matter
 * @param expectedOutputTokens tokens it is likely to generate; counted as decode load from the
 *     start; 0 if unknown
 * @param hashes of the prompt, from the receipt of the request's other leg, so that it is hashed
 *     once; used only if their block size is the pool's
 */
public record RouteRequest(
    String requestId,
    Phase phase,
    int[] tokens,
    String cacheSalt,
    String lora,
    Set<WorkerRank> excluded,
    String kvLayout,
    int expectedOutputTokens,
    Optional<BlockHashes> hashes) {

  /** Copies the set and checks the figures. */
  public RouteRequest {
    excluded = Set.copyOf(excluded);
    if (expectedOutputTokens < 0) {
      throw new IllegalArgumentException(
          "expectedOutputTokens: " + expectedOutputTokens + " (expected: >= 0)");
    }
  }

  /** A request without namespace, history or expectations. */
  public static RouteRequest of(String requestId, Phase phase, int[] tokens) {
    return new RouteRequest(requestId, phase, tokens, "", "", Set.of(), "", 0, Optional.empty());
  }

  /** This request in a namespace of prefix caches; empty means none. */
  public RouteRequest withNamespace(String newCacheSalt, String newLora) {
    return new RouteRequest(
        requestId,
        phase,
        tokens,
        newCacheSalt,
        newLora,
        excluded,
        kvLayout,
        expectedOutputTokens,
        hashes);
  }

  /** This request after it has failed on these worker ranks. */
  public RouteRequest withExcluded(Set<WorkerRank> newExcluded) {
    return new RouteRequest(
        requestId,
        phase,
        tokens,
        cacheSalt,
        lora,
        newExcluded,
        kvLayout,
        expectedOutputTokens,
        hashes);
  }

  /** This request, to a worker that takes over KV in this layout. */
  public RouteRequest withKvLayout(String newKvLayout) {
    return new RouteRequest(
        requestId,
        phase,
        tokens,
        cacheSalt,
        lora,
        excluded,
        newKvLayout,
        expectedOutputTokens,
        hashes);
  }

  /** This request with a guess at the length of its answer. */
  public RouteRequest withExpectedOutputTokens(int newExpectedOutputTokens) {
    return new RouteRequest(
        requestId,
        phase,
        tokens,
        cacheSalt,
        lora,
        excluded,
        kvLayout,
        newExpectedOutputTokens,
        hashes);
  }

  /** This request with the hashes that its other leg's receipt holds. */
  public RouteRequest withHashes(Optional<BlockHashes> newHashes) {
    return new RouteRequest(
        requestId,
        phase,
        tokens,
        cacheSalt,
        lora,
        excluded,
        kvLayout,
        expectedOutputTokens,
        newHashes);
  }
}
