package org.equipoise.systems.losses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Random;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SupervisedContrastiveTest {
  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  /** Eq. 18 by loops in double precision. */
  private static double formula(float[][] x, long[] labels, double temperature) {
    int posts = x.length;
    double[][] similarity = new double[posts][posts];
    for (int n = 0; n < posts; n++) {
      for (int m = 0; m < posts; m++) {
        double product = 0;
        double own = 0;
        double other = 0;
        for (int i = 0; i < x[n].length; i++) {
          product += (double) x[n][i] * x[m][i];
          own += (double) x[n][i] * x[n][i];
          other += (double) x[m][i] * x[m][i];
        }
        similarity[n][m] = product / Math.sqrt(own * other) / temperature;
      }
    }
    double sum = 0;
    int counted = 0;
    for (int n = 0; n < posts; n++) {
      double attraction = 0;
      double repulsion = 0;
      int same = 0;
      int different = 0;
      for (int m = 0; m < posts; m++) {
        if (labels[m] != labels[n]) {
          repulsion += Math.exp(similarity[n][m]);
          different++;
        } else if (m != n) {
          attraction += similarity[n][m];
          same++;
        }
      }
      if (same > 0 && different > 0) {
        sum += Math.log(repulsion) - attraction / same;
        counted++;
      }
    }
    return counted == 0 ? 0 : sum / counted;
  }

  @ParameterizedTest
  @CsvSource({"1,2,2,0.5", "2,9,2,0.5", "3,17,6,0.5", "4,16,3,0.1", "5,16,3,0.01", "6,5,5,2"})
  void equalsTheFormula(long seed, int posts, int classes, double temperature) {
    Random random = new Random(seed);
    float[][] x = new float[posts][7];
    long[] labels = new long[posts];
    for (int n = 0; n < posts; n++) {
      labels[n] = random.nextInt(classes);
      for (int i = 0; i < x[n].length; i++) {
        x[n][i] = (float) random.nextGaussian();
      }
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      double expected = formula(x, labels, temperature);
      float actual =
          SupervisedContrastive.of(manager.create(x), manager.create(labels), temperature)
              .getFloat();
      assertThat((double) actual).isCloseTo(expected, within(1e-5 + 1e-5 * Math.abs(expected)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void isZeroWithoutGradientWhereAllPostsAreOfOneClass(int posts) {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray x = manager.arange(1f, posts * 3 + 1f).reshape(posts, 3);
      x.setRequiresGradient(true);
      NDArray loss = SupervisedContrastive.of(x, manager.create(new long[posts]), 0.5);
      collector.backward(loss);
      assertThat(loss.getFloat()).isZero();
      assertThat(x.getGradient().toFloatArray()).containsOnly(0f);
    }
  }

  @Test
  void postsOfLengthZeroGiveFiniteLossAndGradient() {
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray x = manager.zeros(new Shape(4, 3));
      x.setRequiresGradient(true);
      NDArray loss = SupervisedContrastive.of(x, manager.create(new long[] {0, 0, 1, 1}), 0.5);
      collector.backward(loss);
      assertThat((double) loss.getFloat()).isCloseTo(Math.log(2), within(1e-6));
      for (float gradient : x.getGradient().toFloatArray()) {
        assertThat(gradient).isFinite();
      }
    }
  }
}
