package org.equipoise.systems.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.equipoise.systems.engine.Engines;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JointCorrelationTest {
  @BeforeAll
  static void start() {
    Engines.start(2);
  }

  private static float[] normal(Random random, int count, double scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }

  /** Σ_j w_j tanh(x_i l_j / √d) in double precision, as the paper writes it. */
  private static double[] formula(float[] x, float[][] joined, float[] w) {
    double root = Math.sqrt(w.length);
    double[] result = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int j = 0;
      for (float[] part : joined) {
        for (float l : part) {
          result[i] += w[j++] * Math.tanh(x[i] * (double) l / root);
        }
      }
    }
    return result;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.01, 0.5, 1, 2, 4, 8, 30})
  void bothWaysGiveTheFormulaWhateverTheRange(double scale) {
    Random random = new Random(3);
    int[] widths = {40, 24};
    try (NDManager manager = NDManager.newBaseManager()) {
      float[][] parts = {normal(random, widths[0], scale), normal(random, widths[1], scale)};
      float[][] weights = {normal(random, 64, 0.125), normal(random, 64, 0.125)};
      List<NDArray> x =
          List.of(
              manager.create(parts[0], new Shape(1, 40)),
              manager.create(parts[1], new Shape(1, 24)));
      JointCorrelation correlation =
          new JointCorrelation(List.of(manager.create(weights[0]), manager.create(weights[1])));
      List<NDArray> results =
          new ArrayList<>(List.of(correlation.exact(x), correlation.correlate(x)));
      if (scale < 10) {
        results.add(correlation.interpolated(x));
      }
      for (NDArray result : results) {
        float[] values = result.toFloatArray();
        int at = 0;
        for (int m = 0; m < widths.length; m++) {
          for (double expected : formula(parts[m], parts, weights[m])) {
            assertThat((double) values[at++]).isCloseTo(expected, within(1e-5));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.3, 1, 2})
  void gradientsOfBothWaysAgree(double scale) {
    Random random = new Random(4);
    float[] x = normal(random, 5 * 96, scale);
    float[] w = normal(random, 96, 0.1);
    float[][] gradients = new float[4][];
    for (int way = 0; way < 2; way++) {
      try (NDManager manager = NDManager.newBaseManager();
          GradientCollector collector = manager.getEngine().newGradientCollector()) {
        NDArray input = manager.create(x, new Shape(5, 96));
        NDArray weight = manager.create(w);
        input.setRequiresGradient(true);
        weight.setRequiresGradient(true);
        JointCorrelation correlation = new JointCorrelation(List.of(weight));
        NDArray result =
            way == 0 ? correlation.exact(List.of(input)) : correlation.interpolated(List.of(input));
        collector.backward(result.square().sum());
        gradients[way] = input.getGradient().toFloatArray();
        gradients[way + 2] = weight.getGradient().toFloatArray();
      }
    }
    assertClose(gradients[1], gradients[0]);
    assertClose(gradients[3], gradients[2]);
  }

  private static void assertClose(float[] actual, float[] expected) {
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(largest).isPositive();
    assertThat(actual).containsExactly(expected, within(1e-4f * largest));
  }

  @Test
  void aPostWithAWideRangeDoesNotChangeItsNeighbour() {
    Random random = new Random(5);
    float[] calm = normal(random, 64, 0.5);
    float[] wild = normal(random, 64, 12);
    float[] both = new float[128];
    System.arraycopy(calm, 0, both, 0, 64);
    System.arraycopy(wild, 0, both, 64, 64);
    try (NDManager manager = NDManager.newBaseManager()) {
      JointCorrelation correlation =
          new JointCorrelation(List.of(manager.create(normal(random, 64, 0.1))));
      float[] alone =
          correlation.correlate(List.of(manager.create(calm, new Shape(1, 64)))).toFloatArray();
      float[] together =
          correlation.correlate(List.of(manager.create(both, new Shape(2, 64)))).toFloatArray();
      for (int i = 0; i < 64; i++) {
        assertThat(together[i]).isCloseTo(alone[i], within(1e-6f));
      }
    }
  }

  @Test
  void anAbsentModalityStaysZero() {
    try (NDManager manager = NDManager.newBaseManager()) {
      JointCorrelation correlation =
          new JointCorrelation(
              List.of(
                  manager.create(normal(new Random(6), 64, 1)),
                  manager.create(normal(new Random(7), 64, 1))));
      NDArray absent = manager.zeros(new Shape(1, 32));
      NDArray present = manager.create(normal(new Random(8), 32, 1), new Shape(1, 32));
      float[] fused = correlation.forward(List.of(absent, present)).toFloatArray();
      for (int i = 0; i < 32; i++) {
        assertThat(fused[i]).isZero();
      }
    }
  }
}
