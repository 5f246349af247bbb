package org.equipoise.lab.floors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected figures are those of scikit-learn 1.9.1's LogisticRegression with tol=1e-12. */
class LogisticRegressionTest {
  private static final ForkJoinPool POOL = new ForkJoinPool(2);
  private static final double EXACT = 1e-8;
  private static final float[][] ROWS = {
    {1, 0.5f, -1},
    {2, -0.5f, 0},
    {0.5f, 1.5f, 1},
    {-1, 0, 2},
    {-2, 1, -0.5f},
    {-0.5f, -1.5f, 1},
    {1.5f, -1, 0.5f},
    {0, 0, -2},
    {-1.5f, 2, 0},
    {0.25f, -0.75f, 1.25f}
  };

  @AfterAll
  static void stop() {
    POOL.shutdown();
  }

  @Test
  void twoClassesUnderAStrongPenaltyAreFittedAsByScikitLearn() {
    assertWeights(
        fit(new int[] {0, 0, 1, 1, 1, 0, 0, 1, 1, 0}, 2, 0.1),
        -0.2773209285091189,
        0.2728694300311663,
        -0.03970659389699682,
        -0.013429039159907261);
  }

  @Test
  void twoClassesUnderAWeakPenaltyAreFittedAsByScikitLearn() {
    LogisticRegression model = fit(new int[] {0, 0, 1, 1, 1, 0, 0, 1, 1, 0}, 2, 10);

    assertWeights(
        model, -2.8665643639839478, 2.356302744295441, -0.4463080820391879, 0.31537349533597325);
    assertThat(model.probabilities(ROWS[0]))
        .containsExactly(new double[] {0.7164116900991913, 0.2835883099008088}, within(1e-6));
  }

  @Test
  void threeClassesAreFittedAsByScikitLearn() {
    LogisticRegression model = fit(new int[] {0, 0, 1, 1, 2, 2, 0, 1, 2, 0}, 3, 10);

    float[] weights = model.weights();
    double[] expected = {
      3.1713323216259486, -0.7043291447983903, 0.2724871134726544, -0.1998648204698466,
      -0.1801129057241275, 0.8111136949853631, 0.11589483361736516, 0.9425678961653977,
      -2.9912194159018215, -0.10678455018697407, -0.38838194709001866, -0.7427030756955503
    };
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) weights[i]).isCloseTo(expected[i], within(1e-5));
    }
    assertThat(model.probabilities(ROWS[0]))
        .containsExactly(
            new double[] {0.7829770071532741, 0.21452033152186456, 0.002502661324861343},
            within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void neitherThreadsNorTheStartChangeTheAnswer(long seed) {
    Random random = new Random(seed);
    float[][] rows = new float[200][7];
    int[] labels = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        rows[i][j] = (float) random.nextGaussian();
      }
      labels[i] = rows[i][0] + rows[i][1] * 0.5 + random.nextGaussian() > 0 ? 1 : 0;
    }
    LogisticRegression blank = LogisticRegression.blank(2, 7);
    float[] weights = LogisticRegression.fit(rows, labels, 1, blank, EXACT, POOL).model().weights();
    ForkJoinPool single = new ForkJoinPool(1);
    try {
      assertThat(LogisticRegression.fit(rows, labels, 1, blank, EXACT, single).model().weights())
          .isEqualTo(weights);
    } finally {
      single.shutdown();
    }
    LogisticRegression elsewhere =
        LogisticRegression.fit(rows, labels, 0.001, blank, EXACT, POOL).model();
    assertThat(LogisticRegression.fit(rows, labels, 1, elsewhere, EXACT, POOL).model().weights())
        .containsExactly(weights, within(1e-5f));
  }

  private static LogisticRegression fit(int[] labels, int classes, double c) {
    LogisticRegression.Fit fit =
        LogisticRegression.fit(ROWS, labels, c, LogisticRegression.blank(classes, 3), EXACT, POOL);
    assertThat(fit.converged()).isTrue();
    return fit.model();
  }

  private static void assertWeights(LogisticRegression model, double... expected) {
    float[] weights = model.weights();
    assertThat(weights).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) weights[i]).isCloseTo(expected[i], within(1e-5));
    }
  }
}
