package org.equipoise.training;

import java.util.SplittableRandom;

/** One run has one seed; everything random draws from a seed of its own, made from that one. */
final class Seeds {
  private Seeds() {}

  /** The same three always give the same seed; any other three an unrelated one. */
  static long of(long seed, String purpose, long index) {
    long mixed = new SplittableRandom(seed).nextLong() ^ purpose.hashCode();
    return new SplittableRandom(new SplittableRandom(mixed).nextLong() + index).nextLong();
  }

  /** The rows 0 to count - 1, shuffled (Fisher and Yates). */
  static int[] shuffled(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] rows = new int[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      rows[i] = rows[j];
      rows[j] = i;
    }
    return rows;
  }
}
