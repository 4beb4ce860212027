package io.baton.kvrouter;

import io.baton.kvblocks.BlockHashes;
import java.util.List;
import java.util.Optional;

/**
 * The full record of one decision.
 *
 * @param requestId of the request
 * @param phase the leg
 * @param policy that chose
 * @param chosen the worker rank to send the leg to
 * @param hashes of the prompt, for the request's other leg; absent if the policy needs none or no
 *     worker's block size is known
 * @param overlap of the chosen rank
 * @param candidates the chosen rank first, then the others from the best on, at most {@link
 *     RouterSettings#receiptCandidates()}
 * @param candidateCount how many there were, excluded ones included
 * @param steps when the decision's steps ran
 * @param held the load this leg puts on the chosen rank; the caller must release it. Absent if the
 *     decision was only asked for
 */
public record RouteReceipt(
    String requestId,
    Phase phase,
    RoutingPolicy policy,
    WorkerRank chosen,
    Optional<BlockHashes> hashes,
    Overlap overlap,
    List<Candidate> candidates,
    int candidateCount,
    RouteSteps steps,
    Optional<Reservation> held) {

  /** Leading blocks that the chosen rank holds or will hold when this prompt's turn comes. */
  public int overlapBlocks() {
    return overlap.expected();
  }

  /** Why this one, in words. */
  public String reason() {
    Candidate best = candidates.getFirst();
    String among = " among " + candidateCount + " candidates";
    return switch (policy) {
      case ROUND_ROBIN -> "its turn" + among;
      case LEAST_LOADED -> "fewest active requests (" + best.activeRequests() + ")" + among;
      case RANDOM -> "drawn" + among;
      case POWER_OF_TWO ->
          "fewer active requests (" + best.activeRequests() + ") of two drawn" + among;
      case SESSION -> "its session's place" + among;
      case KV ->
          "cost "
              + cost(best)
              + " ms"
              + among
              + ", "
              + overlap.expected()
              + " blocks held"
              + runnerUp();
    };
  }

  /**
   * What {@link #held()} holds, of a decision that was meant.
   *
   * @throws java.util.NoSuchElementException if the decision was only asked for
   */
  public Reservation reservation() {
    return held.orElseThrow();
  }

  private String runnerUp() {
    if (candidates.size() < 2 || candidates.get(1).cost().isEmpty()) {
      return "";
    }
    Candidate next = candidates.get(1);
    return "; next "
        + next.worker().workerId()
        + "/"
        + next.worker().rank()
        + " at "
        + cost(next)
        + " with "
        + next.overlap().expected();
  }

  private static long cost(Candidate candidate) {
    return candidate.cost().map(terms -> Math.round(terms.total())).orElse(0L);
  }

  /** Prompt tokens that the chosen rank is expected not to compute. */
  public int overlapTokens() {
    return hashes.map(h -> overlap.expected() * h.blockSize()).orElse(0);
  }
}
