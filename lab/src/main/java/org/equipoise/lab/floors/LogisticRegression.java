package org.equipoise.lab.floors;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;

/**
 * Logistic regression with an L2 penalty, in the form of scikit-learn's {@code LogisticRegression}:
 * minimises {@code Σ log-loss + |w|² / (2 C)}, the intercept free of the penalty; one weight vector
 * for two classes, one for each class (softmax) for more. Immutable.
 */
final class LogisticRegression {
  /**
   * The largest element of the mean loss's gradient at which a fit has converged. At scikit-learn's
   * default of 1e-4 a weak penalty's fit would end where a strong one's did.
   */
  static final double TOLERANCE = 1e-6;

  private static final int MAX_ITERATIONS = 5000;

  /** The rows are summed in this many parts whatever the threads, so that sums are the same. */
  private static final int PARTS = 32;

  /** Rows that are read side by side. */
  private static final int TOGETHER = 4;

  private final int classes;
  private final int width;

  /** {@code [K, width + 1]} with the intercept last; K is 1 for two classes. */
  private final float[] weights;

  LogisticRegression(int classes, int width, float[] weights) {
    this.classes = classes;
    this.width = width;
    this.weights = weights;
    if (weights.length != vectors(classes) * (width + 1)) {
      throw new IllegalArgumentException(
          "%d weights for %d classes and width %d".formatted(weights.length, classes, width));
    }
  }

  /**
   * A fitted model.
   *
   * @param iterations steps of the optimiser
   * @param converged whether the gradient reached the tolerance
   */
  record Fit(LogisticRegression model, int iterations, boolean converged) {}

  /** The number of weight vectors, K. */
  static int vectors(int classes) {
    return classes == 2 ? 1 : classes;
  }

  /** A model that finds every class equally likely: where a fit starts. */
  static LogisticRegression blank(int classes, int width) {
    return new LogisticRegression(classes, width, new float[vectors(classes) * (width + 1)]);
  }

  /**
   * Fits to convergence.
   *
   * @param rows {@code [N][width]}
   * @param labels {@code [N]}
   * @param c the inverse of the penalty's strength
   * @param start where to start; the result depends on it only within the tolerance
   * @param tolerance the largest element that the mean loss's gradient may have at the end
   * @param pool whose threads are used; their number does not change the result
   */
  static Fit fit(
      float[][] rows,
      int[] labels,
      double c,
      LogisticRegression start,
      double tolerance,
      ForkJoinPool pool) {
    double[] point = new double[start.weights.length];
    for (int i = 0; i < point.length; i++) {
      point[i] = start.weights[i];
    }
    Loss loss = new Loss(rows, labels, start.classes, start.width, c, pool);
    Lbfgs.Minimum minimum = Lbfgs.minimise(loss, point, tolerance, MAX_ITERATIONS);
    float[] weights = new float[point.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) minimum.point()[i];
    }
    return new Fit(
        new LogisticRegression(start.classes, start.width, weights),
        minimum.iterations(),
        minimum.converged());
  }

  /** {@code [M]} probabilities of a row of {@code width} numbers. */
  double[] probabilities(float[] row) {
    double[] scores = new double[vectors(classes)];
    for (int k = 0; k < scores.length; k++) {
      double sum = weights[k * (width + 1) + width];
      for (int j = 0; j < width; j++) {
        sum += (double) weights[k * (width + 1) + j] * row[j];
      }
      scores[k] = sum;
    }
    if (classes == 2) {
      double second = 1 / (1 + Math.exp(-scores[0]));
      return new double[] {1 - second, second};
    }
    softmax(scores);
    return scores;
  }

  /** {@code [K, width + 1]}, the intercept last. */
  float[] weights() {
    return weights.clone();
  }

  /** Turns scores into probabilities in place; gives the log of the sum of exponentials. */
  private static double softmax(double[] scores) {
    double largest = Arrays.stream(scores).max().orElseThrow();
    double sum = 0;
    for (int k = 0; k < scores.length; k++) {
      scores[k] = Math.exp(scores[k] - largest);
      sum += scores[k];
    }
    for (int k = 0; k < scores.length; k++) {
      scores[k] /= sum;
    }
    return largest + Math.log(sum);
  }

  /** The mean penalised loss; one pass over the rows gives value and gradient. */
  private record Loss(
      float[][] rows, int[] labels, int classes, int width, double c, ForkJoinPool pool)
      implements Lbfgs.Objective {

    private record Part(double value, double[] gradient) {}

    @Override
    public double evaluate(double[] point, double[] gradient) {
      List<Part> parts =
          pool.submit(
                  () ->
                      IntStream.range(0, PARTS)
                          .parallel()
                          .mapToObj(part -> part(part, point))
                          .toList())
              .join();
      double value = 0;
      Arrays.fill(gradient, 0);
      for (Part part : parts) {
        value += part.value;
        for (int i = 0; i < gradient.length; i++) {
          gradient[i] += part.gradient[i];
        }
      }
      int stride = width + 1;
      for (int i = 0; i < gradient.length; i++) {
        if (i % stride != width) {
          value += point[i] * point[i] / (2 * c);
          gradient[i] += point[i] / c;
        }
        gradient[i] /= rows.length;
      }
      return value / rows.length;
    }

    private Part part(int part, double[] point) {
      int from = (int) ((long) rows.length * part / PARTS);
      int to = (int) ((long) rows.length * (part + 1) / PARTS);
      int vectors = vectors(classes);
      double[] gradient = new double[point.length];
      double[][] scores = new double[TOGETHER][vectors];
      float[][] group = new float[TOGETHER][];
      double value = 0;
      for (int first = from; first < to; first += TOGETHER) {
        int count = Math.min(TOGETHER, to - first);
        for (int r = 0; r < TOGETHER; r++) {
          group[r] = rows[first + Math.min(r, count - 1)];
        }
        for (int k = 0; k < vectors; k++) {
          scores(group, point, k, scores);
        }
        for (int r = 0; r < TOGETHER; r++) {
          if (r < count) {
            int label = labels[first + r];
            value += vectors == 1 ? binary(scores[r], label) : multinomial(scores[r], label);
          } else {
            Arrays.fill(scores[r], 0);
          }
        }
        for (int k = 0; k < vectors; k++) {
          add(group, scores, k, gradient);
        }
      }
      return new Part(value, gradient);
    }

    /** The loss of one row; its derivative by the score replaces the score. */
    private static double binary(double[] scores, int label) {
      double sign = label == 1 ? 1 : -1;
      double margin = sign * scores[0];
      double wrong = 1 / (1 + Math.exp(margin));
      scores[0] = -sign * wrong;
      return margin > 0 ? Math.log1p(Math.exp(-margin)) : -margin + Math.log1p(Math.exp(margin));
    }

    private static double multinomial(double[] scores, int label) {
      double ofLabel = scores[label];
      double normaliser = softmax(scores);
      scores[label] -= 1;
      return normaliser - ofLabel;
    }

    /** Four rows share each load of the weights, and their sums do not wait for each other. */
    private void scores(float[][] rows, double[] point, int k, double[][] scores) {
      int offset = k * (width + 1);
      float[] row0 = rows[0];
      float[] row1 = rows[1];
      float[] row2 = rows[2];
      float[] row3 = rows[3];
      double sum0 = 0;
      double sum1 = 0;
      double sum2 = 0;
      double sum3 = 0;
      for (int j = 0; j < width; j++) {
        double weight = point[offset + j];
        sum0 += weight * row0[j];
        sum1 += weight * row1[j];
        sum2 += weight * row2[j];
        sum3 += weight * row3[j];
      }
      double intercept = point[offset + width];
      scores[0][k] = sum0 + intercept;
      scores[1][k] = sum1 + intercept;
      scores[2][k] = sum2 + intercept;
      scores[3][k] = sum3 + intercept;
    }

    private void add(float[][] rows, double[][] factors, int k, double[] gradient) {
      int offset = k * (width + 1);
      float[] row0 = rows[0];
      float[] row1 = rows[1];
      float[] row2 = rows[2];
      float[] row3 = rows[3];
      double factor0 = factors[0][k];
      double factor1 = factors[1][k];
      double factor2 = factors[2][k];
      double factor3 = factors[3][k];
      for (int j = 0; j < width; j++) {
        gradient[offset + j] +=
            factor0 * row0[j] + factor1 * row1[j] + (factor2 * row2[j] + factor3 * row3[j]);
      }
      gradient[offset + width] += factor0 + factor1 + (factor2 + factor3);
    }
  }
}
