package org.equipoise.core.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Whether a probability of 0.8 is right in 8 of 10 cases. A post's confidence is its largest
 * probability.
 *
 * @param ece expected calibration error, {@code Σ n_b/n · |accuracy_b − confidence_b|} over the
 *     bins (Guo et al., On Calibration of Modern Neural Networks, 2017, Eq. 3)
 * @param brier {@code mean Σ_c (p_c − y_c)²}
 * @param nll mean of {@code −log} of the label's probability; infinite where one is 0
 * @param bins {@value #BINS} bins of equal width
 */
public record Calibration(double ece, double brier, double nll, List<Bin> bins) {
  /** How many bins there are. */
  public static final int BINS = 15;

  public Calibration {
    bins = List.copyOf(bins);
  }

  /**
   * The posts whose confidence lies in {@code (low, high]}; 0 belongs to the first bin.
   *
   * @param posts how many there are
   * @param accuracy share of them that is right; empty without posts
   * @param confidence mean confidence; empty without posts
   */
  public record Bin(
      double low, double high, int posts, OptionalDouble accuracy, OptionalDouble confidence) {}

  /**
   * Compares confidence with accuracy.
   *
   * @param labels class numbers, {@code [N]}
   * @param probabilities {@code [N][M]}
   * @throws IllegalArgumentException without posts, or where the arrays do not fit each other
   */
  public static Calibration of(int[] labels, double[][] probabilities) {
    Metrics.check(labels, probabilities);
    int[] posts = new int[BINS];
    int[] right = new int[BINS];
    double[] confidence = new double[BINS];
    double brier = 0;
    double nll = 0;
    for (int i = 0; i < labels.length; i++) {
      double[] p = probabilities[i];
      int prediction = Metrics.argmax(p);
      int bin = bin(p[prediction]);
      posts[bin]++;
      right[bin] += prediction == labels[i] ? 1 : 0;
      confidence[bin] += p[prediction];
      nll -= Math.log(p[labels[i]]);
      for (int c = 0; c < p.length; c++) {
        double difference = p[c] - (c == labels[i] ? 1 : 0);
        brier += difference * difference;
      }
    }
    List<Bin> bins = new ArrayList<>();
    double ece = 0;
    for (int b = 0; b < BINS; b++) {
      bins.add(
          new Bin(
              edge(b),
              edge(b + 1),
              posts[b],
              mean(right[b], posts[b]),
              mean(confidence[b], posts[b])));
      ece += Math.abs(right[b] - confidence[b]) / labels.length;
    }
    return new Calibration(ece, brier / labels.length, nll / labels.length, bins);
  }

  private static OptionalDouble mean(double sum, int count) {
    return count == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / count);
  }

  private static double edge(int bin) {
    return bin / (double) BINS;
  }

  private static int bin(double confidence) {
    int bin = Math.min(BINS - 1, Math.max(0, (int) Math.ceil(confidence * BINS) - 1));
    // the product may round over an edge that the quotient does not
    if (confidence <= edge(bin) && bin > 0) {
      return bin - 1;
    }
    return confidence > edge(bin + 1) && bin < BINS - 1 ? bin + 1 : bin;
  }
}
