package org.equipoise.systems.logicdm;

import java.util.Arrays;

/** Finds the largest of a row of numbers; of equal ones the first. */
final class Largest {
  private Largest() {}

  /**
   * The places of the k largest, the largest first; fewer where fewer may be chosen.
   *
   * @param from where in the values the row starts
   * @param allowed which of the row may be chosen
   * @param tolerance numbers no further apart count as equal
   */
  static int[] of(float[] values, int from, boolean[] allowed, int k, float tolerance) {
    boolean[] left = allowed.clone();
    int[] places = new int[k];
    for (int found = 0; found < k; found++) {
      int best = -1;
      for (int i = 0; i < left.length; i++) {
        if (left[i] && (best < 0 || values[from + i] > values[from + best] + tolerance)) {
          best = i;
        }
      }
      if (best < 0) {
        return Arrays.copyOf(places, found);
      }
      left[best] = false;
      places[found] = best;
    }
    return places;
  }
}
