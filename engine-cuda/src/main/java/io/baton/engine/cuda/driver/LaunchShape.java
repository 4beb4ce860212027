package io.baton.engine.cuda.driver;

/**
 * How many threads a kernel runs with. Make it once per launch site.
 *
 * @param sharedBytes dynamic shared memory of a block
 */
public record LaunchShape(
    int gridX, int gridY, int gridZ, int blockX, int blockY, int blockZ, int sharedBytes) {
  private static final int MOST_THREADS = 1024;
  private static final int MOST_GRID_YZ = 65_535;

  public LaunchShape {
    require("grid x", gridX, 1, Integer.MAX_VALUE);
    require("grid y", gridY, 1, MOST_GRID_YZ);
    require("grid z", gridZ, 1, MOST_GRID_YZ);
    require("block x", blockX, 1, MOST_THREADS);
    require("block y", blockY, 1, MOST_THREADS);
    require("block z", blockZ, 1, 64);
    require("threads in a block", (long) blockX * blockY * blockZ, 1, MOST_THREADS);
    require("shared bytes", sharedBytes, 0, Integer.MAX_VALUE);
  }

  /** Blocks and threads in one dimension. */
  public static LaunchShape of(int blocks, int threads) {
    return new LaunchShape(blocks, 1, 1, threads, 1, 1, 0);
  }

  /** A grid of two dimensions, threads in one. */
  public static LaunchShape of(int gridX, int gridY, int threads) {
    return new LaunchShape(gridX, gridY, 1, threads, 1, 1, 0);
  }

  /** A grid of three dimensions, threads in one. */
  public static LaunchShape of(int gridX, int gridY, int gridZ, int threads) {
    return new LaunchShape(gridX, gridY, gridZ, threads, 1, 1, 0);
  }

  /** Enough blocks of so many threads for all items. */
  public static LaunchShape covering(long items, int threads) {
    return of(Math.toIntExact(Math.max(1, (items + threads - 1) / threads)), threads);
  }

  public LaunchShape withShared(int bytes) {
    return new LaunchShape(gridX, gridY, gridZ, blockX, blockY, blockZ, bytes);
  }

  private static void require(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + " to " + max + ")");
    }
  }

  @Override
  public String toString() {
    return "<<<(%d,%d,%d), (%d,%d,%d), %d bytes>>>"
        .formatted(gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes);
  }
}
