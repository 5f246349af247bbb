package org.equipoise.lab.floors;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.equipoise.core.Progress;
import org.equipoise.core.features.FeatureSource;
import org.equipoise.core.metrics.Metrics;

/**
 * Logistic regression on the pooled views: what a model without any interplay of modalities
 * reaches. C is the power of ten from 1e-3 to 10 with the best macro-F1 on the validation posts,
 * the criterion by which the network's best epoch is chosen too; of equals the smallest, which is
 * the strongest penalty. Without validation posts it is 1.
 */
final class LinearFloor {
  private static final double[] GRID = {1e-3, 1e-2, 0.1, 1, 10};
  private static final double WITHOUT_VALIDATION = 1;

  private final JoinedViews joined;
  private final LogisticRegression model;

  LinearFloor(JoinedViews joined, LogisticRegression model) {
    this.joined = joined;
    this.model = model;
  }

  /**
   * One value of C that was tried.
   *
   * @param validationMacroF1 on the validation posts; 0 where there are none
   */
  record Trial(
      @JsonProperty("c") double c,
      @JsonProperty("validation_macro_f1") double validationMacroF1,
      @JsonProperty("iterations") int iterations,
      @JsonProperty("converged") boolean converged) {}

  /** The chosen floor and what was tried. */
  record Fit(LinearFloor floor, double c, List<Trial> trials) {}

  static Fit fit(
      List<String> classes,
      FeatureSource training,
      int[] trainingLabels,
      FeatureSource validation,
      int[] validationLabels,
      int threads,
      Progress progress) {
    JoinedViews.Fit views = JoinedViews.fit(training);
    float[][] held = views.joined().rows(validation);
    double[] grid = held.length == 0 ? new double[] {WITHOUT_VALIDATION} : GRID;
    List<Trial> trials = new ArrayList<>();
    LogisticRegression best = null;
    double bestScore = -1;
    double bestC = 0;
    ForkJoinPool pool = new ForkJoinPool(threads);
    try (Progress.Task task = progress.start("fitting the linear floor", grid.length)) {
      LogisticRegression model = LogisticRegression.blank(classes.size(), views.joined().width());
      for (double c : grid) {
        LogisticRegression.Fit fit =
            LogisticRegression.fit(
                views.rows(), trainingLabels, c, model, LogisticRegression.TOLERANCE, pool);
        model = fit.model();
        double score =
            held.length == 0
                ? 0
                : Metrics.of(classes, validationLabels, probabilities(model, held)).macroF1();
        trials.add(new Trial(c, score, fit.iterations(), fit.converged()));
        if (score > bestScore) {
          best = model;
          bestScore = score;
          bestC = c;
        }
        task.step(1);
      }
    } finally {
      pool.shutdown();
    }
    return new Fit(new LinearFloor(views.joined(), best), bestC, trials);
  }

  /** {@code [size][M]}. */
  double[][] probabilities(FeatureSource posts) {
    return probabilities(model, joined.rows(posts));
  }

  JoinedViews joined() {
    return joined;
  }

  LogisticRegression model() {
    return model;
  }

  private static double[][] probabilities(LogisticRegression model, float[][] rows) {
    return IntStream.range(0, rows.length)
        .mapToObj(i -> model.probabilities(rows[i]))
        .toArray(double[][]::new);
  }
}
