package io.baton.transport;

/**
 * Where one life of a worker is reached.
 *
 * @param incarnation random number of this life of its process
 */
public record WorkerAddress(String pool, String workerId, long incarnation) {}
