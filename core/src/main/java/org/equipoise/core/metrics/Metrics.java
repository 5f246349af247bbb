package org.equipoise.core.metrics;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * How good the probabilities of labelled posts are.
 *
 * @param posts N
 * @param accuracy share of right predictions
 * @param macroF1 mean F1 of the classes that occur among labels or predictions
 * @param rocAuc area under the ROC curve of the first class, ties counting one half; with more than
 *     two classes the mean of one-against-rest over the classes where it is defined; empty where
 *     there is none
 * @param ece expected calibration error, see {@link Calibration}
 * @param classes by class, in order
 * @param confusion rows are labels, columns are predictions
 */
public record Metrics(
    int posts,
    double accuracy,
    double macroF1,
    OptionalDouble rocAuc,
    double ece,
    Map<String, ClassMetrics> classes,
    Confusion confusion) {

  public Metrics {
    classes = Collections.unmodifiableMap(new LinkedHashMap<>(classes));
  }

  /**
   * Measures probabilities; a post's prediction is the first class of largest probability.
   *
   * @param classes the M classes' names
   * @param labels class numbers, {@code [N]}
   * @param probabilities {@code [N][M]}
   * @throws IllegalArgumentException without posts, where the arrays do not fit each other, or
   *     where a probability is not a number
   */
  public static Metrics of(List<String> classes, int[] labels, double[][] probabilities) {
    check(labels, probabilities);
    return of(classes, labels, predictions(probabilities), probabilities);
  }

  /** As {@link #of(List, int[], double[][])}, with predictions that were made in another way. */
  public static Metrics of(
      List<String> classes, int[] labels, int[] predictions, double[][] probabilities) {
    check(labels, probabilities);
    if (predictions.length != labels.length || probabilities[0].length != classes.size()) {
      throw new IllegalArgumentException(
          "%d posts, %d predictions; %d classes, %d probabilities"
              .formatted(
                  labels.length, predictions.length, classes.size(), probabilities[0].length));
    }
    Confusion confusion = Confusion.of(classes, labels, predictions);
    Map<String, ClassMetrics> byClass = new LinkedHashMap<>();
    for (int c = 0; c < classes.size(); c++) {
      byClass.put(classes.get(c), confusion.metrics(c));
    }
    return new Metrics(
        labels.length,
        confusion.accuracy(),
        confusion.macroF1(),
        rocAuc(classes.size(), labels, probabilities),
        Calibration.of(labels, probabilities).ece(),
        byClass,
        confusion);
  }

  /** The first class of largest probability, for each post. */
  public static int[] predictions(double[][] probabilities) {
    return Arrays.stream(probabilities).mapToInt(Metrics::argmax).toArray();
  }

  /** The fields of {@code evaluate --json}, in order; an undefined figure is null. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("posts", posts);
    json.put("accuracy", accuracy);
    json.put("macro_f1", macroF1);
    json.put("roc_auc", rocAuc.isPresent() ? rocAuc.getAsDouble() : null);
    json.put("ece", ece);
    json.put("classes", classes);
    json.put("confusion", confusion);
    return json;
  }

  static int argmax(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  static void check(int[] labels, double[][] probabilities) {
    if (labels.length == 0 || probabilities.length != labels.length) {
      throw new IllegalArgumentException(
          labels.length + " labels and " + probabilities.length + " rows of probabilities");
    }
    for (int i = 0; i < labels.length; i++) {
      if (probabilities[i].length != probabilities[0].length
          || labels[i] < 0
          || labels[i] >= probabilities[i].length) {
        throw new IllegalArgumentException(
            "post %d has label %d and %d probabilities"
                .formatted(i, labels[i], probabilities[i].length));
      }
      for (double p : probabilities[i]) {
        if (Double.isNaN(p)) {
          throw new IllegalArgumentException("post " + i + " has a probability that is no number");
        }
      }
    }
  }

  private static OptionalDouble rocAuc(int classes, int[] labels, double[][] probabilities) {
    if (classes == 2) {
      return oneAgainstRest(0, labels, probabilities);
    }
    return IntStream.range(0, classes)
        .mapToObj(c -> oneAgainstRest(c, labels, probabilities))
        .flatMapToDouble(OptionalDouble::stream)
        .average();
  }

  /** Mann and Whitney's statistic: the share of pairs that the class's probability orders right. */
  private static OptionalDouble oneAgainstRest(
      int positive, int[] labels, double[][] probabilities) {
    int n = labels.length;
    long positives = Arrays.stream(labels).filter(label -> label == positive).count();
    if (positives == 0 || positives == n) {
      return OptionalDouble.empty();
    }
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> probabilities[i][positive]))
            .mapToInt(Integer::intValue)
            .toArray();
    double rankSum = 0;
    for (int start = 0; start < n; ) {
      int end = start;
      double value = probabilities[order[start]][positive];
      int ofClass = 0;
      while (end < n && probabilities[order[end]][positive] == value) {
        ofClass += labels[order[end]] == positive ? 1 : 0;
        end++;
      }
      rankSum += ofClass * (start + 1 + end) / 2.0;
      start = end;
    }
    double pairs = positives * (double) (n - positives);
    return OptionalDouble.of((rankSum - positives * (positives + 1) / 2.0) / pairs);
  }
}
