package io.baton.engine.cuda.compile;

/**
 * What code is compiled for.
 *
 * @param name as compilers take it: {@code sm_80}, {@code sm_90a}
 */
public record Architecture(String name) {
  private static final int OLDEST = 80;
  private static final int HOPPER = 90;

  /** The oldest that is served, and the one whose own instructions may be used. */
  public static final Architecture SM_80 = new Architecture("sm_80");

  public static final Architecture SM_90A = new Architecture("sm_90a");

  /**
   * For a device.
   *
   * @param computeCapability e.g. 90 for 9.0
   * @throws IllegalArgumentException if the device is too old
   */
  public static Architecture of(int computeCapability) {
    if (computeCapability < OLDEST) {
      throw new IllegalArgumentException(
          "compute capability: %d.%d (expected: 8.0 or newer, e.g. A100, L4, H100)"
              .formatted(computeCapability / 10, computeCapability % 10));
    }
    return computeCapability == HOPPER ? SM_90A : new Architecture("sm_" + computeCapability);
  }
}
