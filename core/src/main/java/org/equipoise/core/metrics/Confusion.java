package org.equipoise.core.metrics;

import java.util.Arrays;
import java.util.List;

/**
 * Counts of posts by label and prediction.
 *
 * @param labels the classes, in order
 * @param counts {@code [M][M]}: a row for each label, a column for each prediction
 */
public record Confusion(List<String> labels, List<List<Integer>> counts) {
  public Confusion {
    labels = List.copyOf(labels);
    counts = counts.stream().map(List::copyOf).toList();
  }

  static Confusion of(List<String> classes, int[] labels, int[] predictions) {
    Integer[][] counts = new Integer[classes.size()][classes.size()];
    for (Integer[] row : counts) {
      Arrays.fill(row, 0);
    }
    for (int i = 0; i < labels.length; i++) {
      counts[labels[i]][predictions[i]]++;
    }
    return new Confusion(classes, Arrays.stream(counts).map(List::of).toList());
  }

  /** Posts with that label that were given that prediction. */
  public int count(int label, int prediction) {
    return counts.get(label).get(prediction);
  }

  int labelled(int label) {
    return counts.get(label).stream().mapToInt(Integer::intValue).sum();
  }

  int predicted(int prediction) {
    return counts.stream().mapToInt(row -> row.get(prediction)).sum();
  }
}
