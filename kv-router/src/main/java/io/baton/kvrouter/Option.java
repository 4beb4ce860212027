package io.baton.kvrouter;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One worker rank while it is weighed in a decision. */
final class Option {
  final RankState rank;
  final Overlap overlap;
  final Optional<Exclusion> excluded;

  /** The load it was weighed with; this leg's own is not in it. */
  final double backlogTokens;

  final long decodeTokens;
  final long activeRequests;

  /** What the policy compares, lower is better. */
  double cost;

  /** The terms of that cost; null if the policy weighs none. */
  @Nullable CostTerms terms;

  Option(
      RankState rank, Overlap overlap, Optional<Exclusion> excluded, long nowNanos, double pace) {
    this.rank = rank;
    this.overlap = overlap;
    this.excluded = excluded;
    this.backlogTokens = rank.load.backlogTokens(nowNanos, pace);
    this.decodeTokens = rank.load.decodeTokens();
    this.activeRequests = rank.load.activeRequests();
  }

  boolean eligible() {
    return excluded.isEmpty();
  }

  Candidate toCandidate() {
    return new Candidate(
        rank.worker,
        rank.cacheView(),
        overlap,
        activeRequests,
        Math.round(backlogTokens),
        decodeTokens,
        Optional.ofNullable(terms),
        excluded);
  }
}
