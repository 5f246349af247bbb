package org.equipoise.training;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.equipoise.core.Clause;

/**
 * What a system says of one post, by class number.
 *
 * @param probabilities {@code [M]}
 * @param views by view, for the views that the post has
 * @param clauses why, for systems that reason by clauses; else empty
 */
public record Scored(double[] probabilities, Map<String, ViewScore> views, List<Clause> clauses) {
  public Scored {
    views = Collections.unmodifiableMap(new LinkedHashMap<>(views));
    clauses = List.copyOf(clauses);
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
