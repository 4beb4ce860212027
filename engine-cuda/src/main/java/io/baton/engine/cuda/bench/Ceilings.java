package io.baton.engine.cuda.bench;

/**
 * What a machine can do at best, measured.
 *
 * @param bytesPerSecond of memory, as a step reads its weights
 * @param operationsPerSecond multiplications and additions counted one by one
 * @param how what was run to learn them
 */
public record Ceilings(double bytesPerSecond, double operationsPerSecond, String how) {}
