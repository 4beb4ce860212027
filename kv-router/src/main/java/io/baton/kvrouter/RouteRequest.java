package io.baton.kvrouter;

import io.baton.kvblocks.BlockHashes;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One leg that wants a worker.
 *
 * @param requestId for the receipt
 * @param phase the leg; only worker ranks of this phase are candidates
 * @param tokens the prompt; must not be changed afterwards, since its hashes may be remembered with
 *     it; may be empty if {@code hashes} are known
 * @param cacheSalt the tenant's namespace in prefix caches; empty for none
 * @param lora name of the LoRA adapter; empty for none
 * @param session what belongs together, such as a conversation; empty if unknown
 * @param limits which ranks may be chosen at all
 * @param expectedOutputTokens most tokens it is likely to generate; 0 if unknown
 * @param hashes of the prompt, from the receipt of the request's other leg, so that it is hashed
 *     once; used only if their block size is the pool's
 * @param alone whether a decode worker is to compute the prompt too, without a prefill worker
 */
public record RouteRequest(
    String requestId,
    Phase phase,
    int[] tokens,
    String cacheSalt,
    String lora,
    String session,
    Limits limits,
    int expectedOutputTokens,
    Optional<BlockHashes> hashes,
    boolean alone) {

  /** Checks the figures. */
  public RouteRequest {
    if (expectedOutputTokens < 0) {
      throw new IllegalArgumentException(
          "expectedOutputTokens: " + expectedOutputTokens + " (expected: >= 0)");
    }
  }

  /**
   * Which ranks may be chosen.
   *
   * @param excluded worker ranks where this request has failed before
   * @param kvLayout what the other leg's worker hands over; empty if it does not matter
   * @param pinnedWorker id of the only worker that may be chosen; empty for any
   * @param labels that a worker's profile must have, each with this value
   * @param evenFull whether a rank may be chosen that has said that it can take no more
   */
  public record Limits(
      Set<WorkerRank> excluded,
      String kvLayout,
      String pinnedWorker,
      Map<String, String> labels,
      boolean evenFull) {
    /** Every rank of the phase that is not full. */
    public static final Limits NONE = new Limits(Set.of(), "", "", Map.of(), false);

    /** Copies set and map. */
    public Limits {
      excluded = Set.copyOf(excluded);
      labels = Map.copyOf(labels);
    }

    /** Whether any rank of the phase will do, whatever it is. */
    boolean any() {
      return kvLayout.isEmpty() && pinnedWorker.isEmpty() && labels.isEmpty();
    }
  }

  /** A request without namespace, history or expectations. */
  public static RouteRequest of(String requestId, Phase phase, int[] tokens) {
    return new RouteRequest(
        requestId, phase, tokens, "", "", "", Limits.NONE, 0, Optional.empty(), false);
  }

  /** Whether the chosen rank has to compute the prompt. */
  boolean prefills() {
    return phase != Phase.DECODE || alone;
  }

  /** Tokens of the prompt. */
  public int promptTokens() {
    return hashes.map(BlockHashes::tokenCount).orElse(tokens.length);
  }

  /** This request in a namespace of prefix caches; empty means none. */
  public RouteRequest withNamespace(String newCacheSalt, String newLora) {
    return new RouteRequest(
        requestId,
        phase,
        tokens,
        newCacheSalt,
        newLora,
        session,
        limits,
        expectedOutputTokens,
        hashes,
        alone);
  }

  /** This request as part of a session. */
  public RouteRequest withSession(String newSession) {
    return new RouteRequest(
        requestId,
        phase,
        tokens,
        cacheSalt,
        lora,
        newSession,
        limits,
        expectedOutputTokens,
        hashes,
        alone);
  }

  /** This request with other limits. */
  public RouteRequest withLimits(Limits newLimits) {
    return new RouteRequest(
        requestId,
        phase,
        tokens,
        cacheSalt,
        lora,
        session,
        newLimits,
        expectedOutputTokens,
        hashes,
        alone);
  }

  /** This request after it has failed on these worker ranks. */
  public RouteRequest withExcluded(Set<WorkerRank> excluded) {
    return withLimits(
        new Limits(
            excluded,
            limits.kvLayout(),
            limits.pinnedWorker(),
            limits.labels(),
            limits.evenFull()));
  }

  /** This request, to a worker that takes over KV in this layout. */
  public RouteRequest withKvLayout(String kvLayout) {
    return withLimits(
        new Limits(
            limits.excluded(),
            kvLayout,
            limits.pinnedWorker(),
            limits.labels(),
            limits.evenFull()));
  }

  /** This request, to this worker only. */
  public RouteRequest withPinnedWorker(String workerId) {
    return withLimits(
        new Limits(
            limits.excluded(), limits.kvLayout(), workerId, limits.labels(), limits.evenFull()));
  }

  /** This request, to a full worker too: better to wait there than to be refused. */
  public RouteRequest withEvenFull() {
    return withLimits(
        new Limits(
            limits.excluded(), limits.kvLayout(), limits.pinnedWorker(), limits.labels(), true));
  }

  /** This request, to one decode worker that computes the prompt itself. */
  public RouteRequest withAlone() {
    return new RouteRequest(
        requestId,
        Phase.DECODE,
        tokens,
        cacheSalt,
        lora,
        session,
        limits,
        expectedOutputTokens,
        hashes,
        true);
  }

  /** This request with a guess at the length of its answer. */
  public RouteRequest withExpectedOutputTokens(int newExpectedOutputTokens) {
    return new RouteRequest(
        requestId,
        phase,
        tokens,
        cacheSalt,
        lora,
        session,
        limits,
        newExpectedOutputTokens,
        hashes,
        alone);
  }

  /** This request with the hashes that its other leg's receipt holds. */
  public RouteRequest withHashes(Optional<BlockHashes> newHashes) {
    return new RouteRequest(
        requestId,
        phase,
        tokens,
        cacheSalt,
        lora,
        session,
        limits,
        expectedOutputTokens,
        newHashes,
        alone);
  }
}
