package io.baton.kvrouter;

import java.util.Optional;

/** One worker rank while it is weighed in a decision. */
final class Option {
  final RankState rank;
  final Overlap overlap;
  final Optional<Exclusion> excluded;

  /** The load it was weighed with; this leg's own is not in it. */
  final long queuedPrefillTokens;

  final long decodeTokens;
  final long activeRequests;

  /** What the policy compares, lower is better. */
  double cost;

  Option(RankState rank, Overlap overlap, Optional<Exclusion> excluded) {
    this.rank = rank;
    this.overlap = overlap;
    this.excluded = excluded;
    this.queuedPrefillTokens = rank.load.queuedPrefillTokens();
    this.decodeTokens = rank.load.decodeTokens();
    this.activeRequests = rank.load.activeRequests();
  }

  boolean eligible() {
    return excluded.isEmpty();
  }

  Candidate toCandidate(Optional<CostTerms> terms) {
    return new Candidate(
        rank.worker,
        rank.cacheView(),
        overlap,
        activeRequests,
        queuedPrefillTokens,
        decodeTokens,
        terms,
        excluded);
  }
}
