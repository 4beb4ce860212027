package io.baton.kvrouter;

import java.util.Map;

/**
 * What the router must know of a worker rank.
 *
 * @param phase the legs it takes
 * @param blockSize tokens per block of its KV cache; 0 if unknown
 * @param totalBlocks blocks of its KV cache; 0 if unknown
 * @param kvLayout what prefill and decode must agree on to hand KV over; empty if it cannot
 * @param kvEvents whether it tells which blocks its prefix cache holds
 * @param labels such as zone, rack, or a LoRA adapter it has loaded, that requests may ask for
 */
public record WorkerProfile(
    Phase phase,
    int blockSize,
    long totalBlocks,
    String kvLayout,
    boolean kvEvents,
    Map<String, String> labels) {

  /** Checks the figures. */
  public WorkerProfile {
    if (blockSize < 0) {
      throw new IllegalArgumentException("blockSize: " + blockSize + " (expected: >= 0)");
    }
    if (totalBlocks < 0) {
      throw new IllegalArgumentException("totalBlocks: " + totalBlocks + " (expected: >= 0)");
    }
    labels = Map.copyOf(labels);
  }

  /** This profile with other labels. */
  public WorkerProfile withLabels(Map<String, String> newLabels) {
    return new WorkerProfile(phase, blockSize, totalBlocks, kvLayout, kvEvents, newLabels);
  }

  /** A profile without labels. */
  public WorkerProfile(
      Phase phase, int blockSize, long totalBlocks, String kvLayout, boolean kvEvents) {
    this(phase, blockSize, totalBlocks, kvLayout, kvEvents, Map.of());
  }
}
