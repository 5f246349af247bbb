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

  /**
   * Counts posts.
   *
   * @param labels class numbers
   * @param predictions class numbers
   */
  public static Confusion of(List<String> classes, int[] labels, int[] predictions) {
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

  /** The share of posts that is right. */
  public double accuracy() {
    int right = 0;
    int posts = 0;
    for (int c = 0; c < labels.size(); c++) {
      right += count(c, c);
      posts += labelled(c);
    }
    return right / (double) posts;
  }

  /** The mean F1 of the classes that occur among labels or predictions. */
  public double macroF1() {
    double sum = 0;
    int occurring = 0;
    for (int c = 0; c < labels.size(); c++) {
      if (labelled(c) + predicted(c) > 0) {
        sum += metrics(c).f1();
        occurring++;
      }
    }
    return sum / occurring;
  }

  /** How well a class is found. */
  public ClassMetrics metrics(int c) {
    int right = count(c, c);
    int support = labelled(c);
    int predicted = predicted(c);
    return new ClassMetrics(
        ratio(right, predicted),
        ratio(right, support),
        ratio(2.0 * right, support + predicted),
        support);
  }

  private static double ratio(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }

  private int labelled(int label) {
    return counts.get(label).stream().mapToInt(Integer::intValue).sum();
  }

  private int predicted(int prediction) {
    return counts.stream().mapToInt(row -> row.get(prediction)).sum();
  }
}
