package org.equipoise.training;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a system says of one post, by class number.
 *
 * @param probabilities {@code [M]}
 * @param views by view, for the views that the post has
 */
public record Scored(double[] probabilities, Map<String, ViewScore> views) {
  public Scored {
    views = Collections.unmodifiableMap(new LinkedHashMap<>(views));
  }

  /**
   * What one view says alone.
   *
   * @param probabilities {@code [M]}
   * @param weight its share of its modality; empty where the system has none
   */
  public record ViewScore(double[] probabilities, OptionalDouble weight) {}

  /** The number of the first class of largest probability. */
  public int predicted() {
    int best = 0;
    for (int c = 1; c < probabilities.length; c++) {
      if (probabilities[c] > probabilities[best]) {
        best = c;
      }
    }
    return best;
  }
}
