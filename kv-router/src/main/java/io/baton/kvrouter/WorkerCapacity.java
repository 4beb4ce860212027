package io.baton.kvrouter;

/**
 * What a worker rank says it can still take; a hint, since it may answer busy all the same.
 *
 * @param requests further legs
 * @param tokens whose KV it has free blocks for
 * @param ownLegs legs of this router that were there when it said so, by its live set
 */
public record WorkerCapacity(long requests, long tokens, long ownLegs) {}
