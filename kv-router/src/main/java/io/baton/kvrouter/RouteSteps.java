package io.baton.kvrouter;

import java.util.Optional;

/**
 * When the steps of a decision ran, in nanoseconds of the caller's clock. A step that was not
 * needed is absent; where one step follows another, its start is the other's end.
 *
 * @param whole the decision from the call to the receipt
 * @param computeBlockHashes hashing the prompt's blocks
 * @param computeSeqHashes chaining them
 * @param findMatches looking up who holds them
 * @param schedule weighing, choosing and reserving
 */
public record RouteSteps(
    Step whole,
    Optional<Step> computeBlockHashes,
    Optional<Step> computeSeqHashes,
    Optional<Step> findMatches,
    Optional<Step> schedule) {

  /**
   * A timed stretch.
   *
   * @param startNanos of the caller's clock
   * @param endNanos of the caller's clock, not before the start
   */
  public record Step(long startNanos, long endNanos) {}
}
