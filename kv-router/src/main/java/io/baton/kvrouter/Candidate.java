package io.baton.kvrouter;

import java.util.Optional;

/**
 * One worker rank of the request's phase, as a decision saw it.
 *
 * @param worker the rank
 * @param cacheView what could be known of its cache
 * @param overlap leading blocks of the prompt it holds; none if it was excluded or the policy does
 *     not ask
 * @param activeRequests requests on it, this one not counted
 * @param queuedPrefillTokens prompt tokens it has yet to compute, this prompt's not counted
 * @param decodeTokens tokens whose KV its requests hold, this one's not counted
 * @param cost its terms; absent if it was excluded or the policy weighs no cost
 * @param excluded why it could not be chosen; absent if it could
 */
public record Candidate(
    WorkerRank worker,
    CacheView cacheView,
    Overlap overlap,
    long activeRequests,
    long queuedPrefillTokens,
    long decodeTokens,
    Optional<CostTerms> cost,
    Optional<Exclusion> excluded) {}
