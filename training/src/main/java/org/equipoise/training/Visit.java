package org.equipoise.training;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A post's turn in an epoch.
 *
 * @param row the post's row
 * @param without names of the views that are taken out of it for this turn
 */
public record Visit(int row, Set<String> without) {
  public Visit {
    without = Set.copyOf(without);
  }

  /** Every post of so many once, whole, in order. */
  public static List<Visit> all(int posts) {
    return IntStream.range(0, posts).mapToObj(row -> new Visit(row, Set.of())).toList();
  }
}
