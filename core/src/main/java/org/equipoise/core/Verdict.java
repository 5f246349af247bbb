package org.equipoise.core;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a system says of one post.
 *
 * @param id the post's id
 * @param verdict a class name, or {@code review} between a run's two thresholds
 * @param probabilities by class, in the order of the run's classes; they add up to 1
 * @param views what each view alone says, in the order of the run's views; a view that the post
 *     lacks is left out
 * @param clauses why it was judged so, for systems that reason by clauses; else empty
 */
public record Verdict(
    String id,
    String verdict,
    Map<String, Double> probabilities,
    Map<String, ViewVerdict> views,
    List<Clause> clauses) {

  /** The verdict word for a post that a person should look at. */
  public static final String REVIEW = "review";

  public Verdict {
    probabilities = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(probabilities));
    views = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(views));
    clauses = List.copyOf(clauses);
  }

  /**
   * What one view says by itself.
   *
   * @param probabilities by class, by the system's per-view logits
   * @param weight the view's weight within its modality; empty where the system has none
   */
  public record ViewVerdict(Map<String, Double> probabilities, OptionalDouble weight) {
    public ViewVerdict {
      probabilities = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(probabilities));
    }
  }

  /** The probability of the class, if it is one of the run's. */
  public Optional<Double> probability(String label) {
    return Optional.ofNullable(probabilities.get(label));
  }
}
