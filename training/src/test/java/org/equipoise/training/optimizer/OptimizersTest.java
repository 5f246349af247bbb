package org.equipoise.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizersTest {

  /** The loss Σ w·θ has the gradient w at every step. */
  private static void step(
      NDManager manager, NDArray parameter, NDArray w, Optimizer optimizer, double k) {
    try (NDManager scope = manager.newSubManager();
        GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
      NDArray held = w.duplicate();
      held.attach(scope);
      NDArray loss = parameter.mul(held).sum();
      loss.attach(scope);
      gradients.backward(loss);
      optimizer.step(name -> k);
    }
  }

  @Test
  void twoStepsAgreeWithACalculationByHand() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray parameter = manager.create(new float[] {1f, -2f});
      parameter.setRequiresGradient(true);
      NDArray w = manager.create(new float[] {0.5f, 0f});
      try (Adam adam = new Adam(Map.of("p", parameter), 0.1, 0.01, 1)) {
        step(manager, parameter, w, adam, 1);
        // bias correction makes a first step as long as the learning rate, whatever the gradient
        assertThat(parameter.toFloatArray()[0]).isCloseTo(0.9f, within(1e-6f));
        assertThat(parameter.toFloatArray()[1]).isCloseTo(-1.9f, within(1e-6f));

        step(manager, parameter, w, adam, 1);
        double g1 = 0.5 + 0.01 * 1;
        double g2 = 0.5 + 0.01 * 0.9;
        double m = (0.9 * 0.1 * g1 + 0.1 * g2) / (1 - 0.81);
        double v = (0.999 * 0.001 * g1 * g1 + 0.001 * g2 * g2) / (1 - 0.999 * 0.999);
        assertThat((double) parameter.toFloatArray()[0])
            .isCloseTo(0.9 - 0.1 * m / (Math.sqrt(v) + 1e-8), within(1e-6));
      }
    }
  }

  @Test
  void aFactorScalesTheStepAndNotTheGradient() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray parameter = manager.create(new float[] {1f});
      parameter.setRequiresGradient(true);
      NDArray w = manager.create(new float[] {3f});
      try (Adam adam = new Adam(Map.of("p", parameter), 0.1, 0, 1)) {
        step(manager, parameter, w, adam, 0.25);
        assertThat(parameter.toFloatArray()[0]).isCloseTo(1f - 0.025f, within(1e-6f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void theNumberOfThreadsDoesNotChangeAByte(int threads) {
    assertThat(tenSteps(threads)).isEqualTo(tenSteps(1));
  }

  private static float[] tenSteps(int threads) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Engine.getInstance().setRandomSeed(5);
      NDArray parameter = manager.randomNormal(new Shape(131, 97));
      NDArray w = manager.randomNormal(new Shape(131, 97));
      parameter.setRequiresGradient(true);
      try (Adam adam = new Adam(Map.of("p", parameter), 0.01, 0.1, threads)) {
        for (int i = 0; i < 10; i++) {
          step(manager, parameter, w, adam, 1);
        }
      }
      return parameter.toFloatArray();
    }
  }

  @Test
  void aParameterWithoutAGradientStillDecays() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray used = manager.create(new float[] {1f});
      NDArray unused = manager.create(new float[] {2f});
      used.setRequiresGradient(true);
      unused.setRequiresGradient(true);
      try (Adam adam = new Adam(Map.of("used", used, "unused", unused), 0.1, 0.5, 1)) {
        step(manager, used, manager.create(new float[] {1f}), adam, 1);
        assertThat(unused.toFloatArray()[0]).isCloseTo(1.9f, within(1e-6f));
      }
    }
  }

  /** Parameters after each of some steps of the loss {@code w·θ}, from θ = 1. */
  private static float[] path(
      Optimizer optimizer, NDManager manager, NDArray parameter, float... w) {
    float[] path = new float[w.length];
    try (optimizer) {
      for (int i = 0; i < w.length; i++) {
        step(manager, parameter, manager.create(new float[][] {{w[i]}}), optimizer, 1);
        path[i] = parameter.toFloatArray()[0];
      }
    }
    return path;
  }

  private static NDArray one(NDManager manager) {
    NDArray parameter = manager.create(new float[][] {{1}});
    parameter.setRequiresGradient(true);
    return parameter;
  }

  @Test
  void amsGradRemembersTheLargestSquareAsPyTorchDoes() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray p = one(manager);
      float[] path = path(new AmsGrad(Map.of("p", p), 0.1, 0, 1), manager, p, 4, 0.01f, 0.01f);
      double m = 0;
      double v = 0;
      double most = 0;
      double theta = 1;
      double[] w = {4, 0.01, 0.01};
      for (int t = 1; t <= w.length; t++) {
        m = 0.9 * m + 0.1 * w[t - 1];
        v = 0.999 * v + 0.001 * w[t - 1] * w[t - 1];
        most = Math.max(most, v);
        theta -=
            0.1
                * (m / (1 - Math.pow(0.9, t)))
                / (Math.sqrt(most / (1 - Math.pow(0.999, t))) + 1e-8);
        assertThat((double) path[t - 1]).isCloseTo(theta, within(1e-5));
      }
    }
  }

  @Test
  void adamWShrinksMatricesAndLeavesBiasesAlone() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray matrix = one(manager);
      assertThat(path(new AdamW(Map.of("p", matrix), 0.1, 0.5, 1), manager, matrix, 2)[0])
          .isCloseTo(1 - 0.1f * 0.5f - 0.1f, within(1e-6f));
      NDArray bias = manager.create(new float[] {1});
      bias.setRequiresGradient(true);
      assertThat(path(new AdamW(Map.of("p", bias), 0.1, 0.5, 1), manager, bias, 2)[0])
          .isCloseTo(1 - 0.1f, within(1e-6f));
    }
  }

  @Test
  void sgdGathersMomentum() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray p = one(manager);
      float[] path = path(new Sgd(Map.of("p", p), 0.1, 0.01, 0.9, 1), manager, p, 1, 1);
      double first = 1 + 0.01;
      double afterOne = 1 - 0.1 * first;
      double second = 0.9 * first + 1 + 0.01 * afterOne;
      assertThat((double) path[0]).isCloseTo(afterOne, within(1e-6));
      assertThat((double) path[1]).isCloseTo(afterOne - 0.1 * second, within(1e-6));
    }
  }

  @Test
  void aFactorOfZeroLeavesTheParameterAndItsMemoryAlone() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray p = one(manager);
      try (Adam adam = new Adam(Map.of("p", p), 0.1, 0.5, 1)) {
        step(manager, p, manager.create(new float[][] {{3}}), adam, 1);
        float value = p.toFloatArray()[0];
        float moment = adam.memory().get("first").get("p")[0];
        step(manager, p, manager.create(new float[][] {{3}}), adam, 0);
        assertThat(p.toFloatArray()[0]).isEqualTo(value);
        assertThat(adam.memory().get("first").get("p")[0]).isEqualTo(moment);
        assertThat(Gradients.copy(p)).containsOnly(0f);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void theNormIsThatOfAllGradientsTogetherAndScalesThem(int threads) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray a = one(manager);
      NDArray b = one(manager);
      try (Sgd sgd = new Sgd(Map.of("a", a, "b", b), 0.1, 0, 0, threads);
          GradientCollector gradients = Engine.getInstance().newGradientCollector()) {
        gradients.backward(
            a.mul(manager.create(3f).duplicate()).add(b.mul(manager.create(4f).duplicate())).sum());
        assertThat(sgd.gradientNorm()).isCloseTo(5, within(1e-6));
        sgd.step(name -> 1, 0.2);
        assertThat(a.toFloatArray()[0]).isCloseTo(1 - 0.1f * 0.6f, within(1e-6f));
        assertThat(b.toFloatArray()[0]).isCloseTo(1 - 0.1f * 0.8f, within(1e-6f));
      }
    }
  }
}
