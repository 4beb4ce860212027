package io.baton.engine.sampling;

/** Random numbers that are a function of a seed and a position, in any order, on any machine. */
final class CounterRandom {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private CounterRandom() {}

  /** Uniform in [0, 1). */
  static double uniform(long seed, long position) {
    long bits = mix(mix(seed + GOLDEN) + GOLDEN * (position + 1));
    return (bits >>> 11) * 0x1.0p-53;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
