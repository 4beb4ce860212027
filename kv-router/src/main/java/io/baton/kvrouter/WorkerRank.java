package io.baton.kvrouter;

/**
 * One data-parallel rank of one life of a worker: the thing that is chosen.
 *
 * @param workerId stable name of the worker
 * @param incarnation random number of this life of its process; a new one is a new worker
 * @param rank data-parallel rank, from 0
 */
public record WorkerRank(String workerId, long incarnation, int rank) {}
