package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;
import org.equipoise.systems.DetectionSystem;

/**
 * How well each view alone tells the classes of a batch, and its share of all views' ability.
 *
 * @param s by view: the mean, over the posts that have it, of the probability that it gives the
 *     true class (Eq. 2, divided by the number of posts)
 * @param rho by view: {@code s} divided by the sum over the views (Eq. 3)
 */
public record ViewFigures(Map<String, Double> s, Map<String, Double> rho) {

  /**
   * Computes them from the views' logits. A view that no post of the batch has is left out.
   *
   * @param labels class numbers of the B posts
   */
  public static ViewFigures of(DetectionSystem.Output output, long[] labels) {
    Map<String, Double> s = new LinkedHashMap<>();
    output
        .viewLogits()
        .forEach(
            (view, logits) -> {
              NDArray presence = output.viewPresence().get(view);
              double mean =
                  meanTrueProbability(
                      logits.toFloatArray(),
                      presence == null ? null : presence.toFloatArray(),
                      labels);
              if (!Double.isNaN(mean)) {
                s.put(view, mean);
              }
            });
    double sum = s.values().stream().mapToDouble(Double::doubleValue).sum();
    Map<String, Double> rho = new LinkedHashMap<>();
    s.forEach((view, value) -> rho.put(view, value / sum));
    return new ViewFigures(s, rho);
  }

  private static double meanTrueProbability(float[] logits, float[] presence, long[] labels) {
    int classes = logits.length / labels.length;
    double sum = 0;
    int posts = 0;
    for (int i = 0; i < labels.length; i++) {
      if (presence == null || presence[i] != 0) {
        sum += trueProbability(logits, i * classes, classes, (int) labels[i]);
        posts++;
      }
    }
    return sum / posts;
  }

  static double trueProbability(float[] logits, int start, int classes, int label) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      largest = Math.max(largest, logits[start + c]);
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp(logits[start + c] - largest);
    }
    return Math.exp(logits[start + label] - largest) / sum;
  }
}
