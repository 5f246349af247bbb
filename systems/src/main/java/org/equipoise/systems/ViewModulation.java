package org.equipoise.systems;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How far one view is ahead of the others, and how much it is to be slowed: the figures of MIB
 * (Eqs. 2 to 5).
 *
 * @param s mean probability that the view alone gives the true class, over the posts that have it
 * @param rho its share of the sum of all views' s
 * @param k factor for the step of the view's own parameters, 1 or less
 */
public record ViewModulation(double s, double rho, double k) {
  /**
   * The figures of a batch, by view. A view that no post of the batch has takes no part and is left
   * out.
   *
   * @param output what a system said of the batch
   * @param labels {@code [B]}, class numbers
   * @param alpha α1, how hard a leading view is slowed: k = 1 − tanh(α1 ρ) where ρ is above one
   *     over the number of views that take part
   */
  public static Map<String, ViewModulation> of(
      DetectionSystem.Output output, long[] labels, double alpha) {
    Map<String, Double> scores = new LinkedHashMap<>();
    output
        .viewLogits()
        .forEach(
            (view, logits) -> {
              float[] presence = new float[0];
              NDArray there = output.viewPresence().get(view);
              if (there != null) {
                presence = there.toFloatArray();
              }
              double score = truthProbability(logits.toFloatArray(), presence, labels);
              if (!Double.isNaN(score)) {
                scores.put(view, score);
              }
            });
    double sum = scores.values().stream().mapToDouble(Double::doubleValue).sum();
    Map<String, ViewModulation> result = new LinkedHashMap<>();
    scores.forEach(
        (view, s) -> {
          double rho = s / sum;
          double k = rho > 1.0 / scores.size() ? 1 - Math.tanh(alpha * rho) : 1;
          result.put(view, new ViewModulation(s, rho, k));
        });
    return result;
  }

  /** Mean softmax probability of the labels over the posts present; NaN where none is. */
  private static double truthProbability(float[] logits, float[] presence, long[] labels) {
    int classes = logits.length / labels.length;
    double sum = 0;
    int posts = 0;
    for (int post = 0; post < labels.length; post++) {
      if (presence.length > 0 && presence[post] == 0) {
        continue;
      }
      int first = post * classes;
      double largest = Double.NEGATIVE_INFINITY;
      for (int c = first; c < first + classes; c++) {
        largest = Math.max(largest, logits[c]);
      }
      double total = 0;
      for (int c = first; c < first + classes; c++) {
        total += Math.exp(logits[c] - largest);
      }
      sum += Math.exp(logits[first + (int) labels[post]] - largest) / total;
      posts++;
    }
    return sum / posts;
  }
}
