package org.equipoise.systems.layers;

/**
 * Random numbers by position: the output function of SplitMix64 (Steele, Lea and Flood 2014) on a
 * counter, so that any element can be drawn without those before it.
 */
final class SplitMix {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private SplitMix() {}

  /** 64 random bits for an element of the stream that starts at that seed. */
  static long at(long seed, long element) {
    long z = seed + GOLDEN_GAMMA * element;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
