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
 * @param reason why this one, in words
 * @param steps when the decision's steps ran
 * @param reservation the load this leg puts on the chosen rank; the caller must release it
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
    String reason,
    RouteSteps steps,
    Reservation reservation) {

  /** Leading blocks that the chosen rank holds or will hold when this prompt's turn comes. */
  public int overlapBlocks() {
    return overlap.expected();
  }

  /** Prompt tokens that the chosen rank is expected not to compute. */
  public int overlapTokens() {
    return hashes.map(h -> overlap.expected() * h.blockSize()).orElse(0);
  }
}
