package io.baton.kvrouter;

/**
 * Leading blocks of a prompt that a worker rank holds, each counted once, in the fastest tier.
 *
 * @param device blocks whose KV lies on the device
 * @param host further blocks, in host memory
 * @param disk further blocks, on disk
 * @param predicted further blocks that prompts just routed there will leave behind
 */
public record Overlap(int device, int host, int disk, int predicted) {
  /** Nothing held, nothing expected. */
  public static final Overlap NONE = new Overlap(0, 0, 0, 0);

  /** Blocks that the worker has said it holds. */
  public int held() {
    return device + host + disk;
  }

  /** Blocks that need not be computed, if the prompts before this one are computed first. */
  public int expected() {
    return held() + predicted;
  }
}
