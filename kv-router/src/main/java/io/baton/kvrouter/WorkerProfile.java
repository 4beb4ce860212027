package io.baton.kvrouter;

/**
 * What the router must know of a worker rank.
 *
 * @param phase the legs it takes
 * @param blockSize tokens per block of its KV cache; 0 if unknown
 * @param totalBlocks blocks of its KV cache; 0 if unknown
 * @param kvLayout what prefill and decode must agree on to hand KV over; empty if it cannot
 * @param kvEvents whether it tells which blocks its prefix cache holds
 */
public record WorkerProfile(
    Phase phase, int blockSize, long totalBlocks, String kvLayout, boolean kvEvents) {

  /** Checks the figures. */
  public WorkerProfile {
    if (blockSize < 0) {
      throw new IllegalArgumentException("blockSize: " + blockSize + " (expected: >= 0)");
    }
    if (totalBlocks < 0) {
      throw new IllegalArgumentException("totalBlocks: " + totalBlocks + " (expected: >= 0)");
    }
  }
}
